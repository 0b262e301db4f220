import type { NotifyRow } from '../engine/rows.js';
import type { JournalRecord, RecordKind } from '../journal/port.js';

/**
 * What a store that closes leaves to its next life in the same process: a deploy must not cost
 * anything that only the memory holds.
 */
export class Handover {
  /**
   * @param notifies what its consumers had, whose flow may still answer
   * @param records what a store without a journal would have written into one
   */
  constructor(
    private notifies: readonly NotifyRow[],
    private readonly records: ReadonlyMap<RecordKind, readonly JournalRecord[]> = new Map(),
  ) {}

  /** Messages that the store's consumers had. */
  held(): readonly NotifyRow[] {
    return this.notifies;
  }

  recordsOf(kind: RecordKind): readonly JournalRecord[] {
    return this.records.get(kind) ?? [];
  }

  /** A consumer has left the flow while the store was away, and what it had with it. */
  loseConsumer(consumerId: string): void {
    this.notifies = this.notifies.filter((row) => row.consumerId !== consumerId || row.state === 'replying');
  }
}

/**
 * Whether a message that a consumer had is worth handing over. One that nobody has read goes back to
 * its producer's store as the store closes; a store that speaks version 3 does not take it back.
 */
export function isWorthKeeping(row: NotifyRow): boolean {
  switch (row.state) {
    case 'read':
      return true;
    case 'waiting':
    case 'reading':
      return row.token === '';
    case 'replying':
      // Kept replies go by themselves.
      return false;
  }
}
