import type { NotifyRow } from '../engine/rows.js';
import type { NotifyTable } from '../engine/notify-table.js';
import type { Clock } from '../support/clock.js';
import type { DeadlineHeap } from '../support/deadline-heap.js';

/**
 * How long a message counts against the in-transit limit where its producer's store did not say how
 * long it waits, ms: the default time limit of a 3.0.5 producer. A reply is still delivered later.
 */
export const UNKNOWN_DEADLINE_MS = 300_000;

/** Messages per consumer that are kept for a late reply though they count no more. */
const KEPT_FOR_LATE_REPLIES = 1_000;

/** What happens when a message gives up its place by itself. */
export interface PlaceEndEvents {
  /** Its producer has given up. */
  expired(messageId: string): void;
  /** It counts no more, but a late reply is still taken. */
  lapsed(service: string): void;
  /** There are too many such. */
  dropped(row: NotifyRow): void;
}

/**
 * Until when the messages of consumers hold their places. A message that is never answered must not
 * hold its own for ever (DEFECTS 5).
 */
export class PlaceEnds {
  /** Messages that no longer count because their producer has surely given up, by consumer. */
  private readonly lapsed = new Map<string, Set<string>>();

  constructor(
    private readonly notifies: NotifyTable,
    private readonly deadlines: DeadlineHeap,
    private readonly clock: Clock,
    private readonly events: PlaceEndEvents,
  ) {}

  /** Sets the end of a message's place. @param inMs milliseconds until its producer gives up; undefined: nobody said */
  set(messageId: string, inMs: number | undefined): void {
    this.deadlines.set(placeKey(messageId), this.clock.now() + (inMs ?? UNKNOWN_DEADLINE_MS), () => {
      if (inMs === undefined) this.lapse(messageId);
      else this.events.expired(messageId);
    });
  }

  /** The message holds no place any more, or a new one. */
  cancel(row: NotifyRow): void {
    this.deadlines.cancel(placeKey(row.messageId));
    this.lapsed.get(row.consumerId)?.delete(row.messageId);
  }

  /** How many messages of a consumer are in the table and count no more. */
  lapsedOf(consumerId: string): number {
    return this.lapsed.get(consumerId)?.size ?? 0;
  }

  /** The consumer is gone. */
  forget(consumerId: string): void {
    this.lapsed.delete(consumerId);
  }

  private lapse(messageId: string): void {
    const row = this.notifies.get(messageId);
    if (row === undefined) return;
    const lapsed = this.lapsed.get(row.consumerId) ?? new Set();
    this.lapsed.set(row.consumerId, lapsed);
    if (row.state !== 'replying') lapsed.add(messageId);
    this.trim(row.consumerId, lapsed);
    this.events.lapsed(row.service);
  }

  private trim(consumerId: string, lapsed: Set<string>): void {
    for (const messageId of lapsed) {
      if (lapsed.size <= KEPT_FOR_LATE_REPLIES) return;
      const row = this.notifies.get(messageId);
      if (row?.consumerId === consumerId) this.events.dropped(row);
      lapsed.delete(messageId);
    }
  }
}

function placeKey(messageId: string): string {
  return `place ${messageId}`;
}
