import type { MessageRow, ReplyRow } from '../engine/rows.js';
import type { Journal, JournalOpening, JournalRecord, JournalWrite, RecordKind } from '../journal/port.js';
import type { Clock, Timer } from '../support/clock.js';
import { describe } from '../support/errors.js';
import type { Log } from '../support/log.js';
import { encodeKeptReply, type KeptReply } from './records/kept-reply-record.js';
import { encodeMark, type Mark } from './records/mark-record.js';
import { encodeMessage } from './records/message-record.js';
import { encodeReplyRow } from './records/reply-record.js';

/** How long after a failed write it is tried again, ms: a disk that was full is found free within it. */
const RETRY_MS = 1_000;

/**
 * Writes down what becomes of a store's messages, in the store's own terms. What must be known before
 * the next step is waited for and may fail; what only spares work after a restart is written when the
 * disk lets it, and never fails.
 */
export class StoreJournal {
  /** What could not be written yet, the latest word for each record. */
  private readonly unwritten = new Map<string, JournalWrite>();
  /** What is done when that is written. Where the store closes before, the next start sweeps the files. */
  private readonly afterRetry: (() => void)[] = [];
  /** Messages that have a mark, and those that have a reply: what has none needs none removed. */
  private readonly marked = new Set<string>();
  private readonly replied = new Set<string>();
  /** Never rejects. */
  private lastNote: Promise<void> = Promise.resolve();
  private retry: Timer | undefined;
  private closed = false;

  constructor(
    private readonly journal: Journal,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Whether nothing outlives the process: then every step is done at once. */
  get keepsNothing(): boolean {
    return this.journal.level === 'memory';
  }

  /** @throws RedlinkError `JOURNAL_LOCKED`, `JOURNAL_UNAVAILABLE`, `JOURNAL_IO` */
  open(): Promise<JournalOpening> {
    return this.journal.open();
  }

  /** All records of a kind. @throws RedlinkError `JOURNAL_IO`, `CLOSED` */
  async *read(kind: RecordKind): AsyncGenerator<JournalRecord> {
    for await (const record of this.journal.read(kind)) {
      if (kind === 'mark') this.marked.add(record.id);
      if (kind === 'reply') this.replied.add(record.id);
      yield record;
    }
  }

  /** Fulfilled when the message is accepted. @throws RedlinkError `JOURNAL_IO`, `CLOSED` */
  accept(row: MessageRow): Promise<void> {
    return this.mustWrite([{ put: 'message', id: row.id, value: encodeMessage(row) }]);
  }

  /** Fulfilled when it is sure what has become of the message. @throws RedlinkError `JOURNAL_IO`, `CLOSED` */
  mark(messageId: string, mark: Mark): Promise<void> {
    this.marked.add(messageId);
    return this.mustWrite([{ put: 'mark', id: messageId, value: encodeMark(mark) }]);
  }

  /** The same, where nothing depends on it but the work after a restart. */
  note(messageId: string, mark: Mark): void {
    this.marked.add(messageId);
    this.write([{ put: 'mark', id: messageId, value: encodeMark(mark) }]);
  }

  /** Fulfilled when the reply survives. @throws RedlinkError `JOURNAL_IO`, `CLOSED` */
  reply(row: ReplyRow): Promise<void> {
    this.replied.add(row.messageId);
    return this.mustWrite([{ put: 'reply', id: row.messageId, value: encodeReplyRow(row) }]);
  }

  /** Fulfilled when nothing of the message comes back. @throws RedlinkError `JOURNAL_IO`, `CLOSED` */
  end(messageId: string): Promise<void> {
    return this.mustWrite(this.endOf(messageId));
  }

  /** The message is over. @param then called when nothing of it comes back: only now may its files go */
  forget(messageId: string, then: () => void): void {
    this.write(this.endOf(messageId), then);
  }

  /** Fulfilled when all that was noted or forgotten so far is on the disk, or will be as soon as the disk lets it. */
  noted(): Promise<void> {
    return this.lastNote;
  }

  /** Fulfilled when the reply survives until it is delivered. @throws RedlinkError `JOURNAL_IO`, `CLOSED` */
  keepReply(reply: KeptReply): Promise<void> {
    const value = encodeKeptReply(reply, this.clock);
    return this.mustWrite([{ put: 'keptReply', id: reply.row.messageId, value }]);
  }

  /** @param then as with {@link forget} */
  forgetReply(messageId: string, then?: () => void): void {
    this.write([{ remove: 'keptReply', id: messageId }], then);
  }

  /** Makes a last try with what could not be written, then lets others open the journal. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.retry?.cancel();
    const left = [...this.unwritten.values()];
    if (left.length > 0) {
      await this.journal.write(left).catch((thrown: unknown) => {
        this.log.error(`${left.length} records are not up to date in the journal: ${describe(thrown)}`);
      });
    }
    await this.journal.close();
  }

  private async mustWrite(writes: readonly JournalWrite[]): Promise<void> {
    await this.journal.write(writes);
    this.supersede(writes);
  }

  private write(writes: readonly JournalWrite[], then?: () => void): void {
    if (this.keepsNothing) {
      then?.();
      return;
    }
    this.lastNote = this.journal.write(writes).then(
      () => {
        this.supersede(writes);
        then?.();
      },
      (thrown: unknown) => {
        if (then !== undefined) this.afterRetry.push(then);
        this.postpone(writes, thrown);
      },
    );
  }

  /** The records that the message has. */
  private endOf(messageId: string): readonly JournalWrite[] {
    const writes: JournalWrite[] = [{ remove: 'message', id: messageId }];
    if (this.marked.delete(messageId)) writes.push({ remove: 'mark', id: messageId });
    if (this.replied.delete(messageId)) writes.push({ remove: 'reply', id: messageId });
    return writes;
  }

  /** What was written is the latest word. */
  private supersede(writes: readonly JournalWrite[]): void {
    if (this.unwritten.size === 0) return;
    for (const write of writes) this.unwritten.delete(keyOf(write));
  }

  private postpone(writes: readonly JournalWrite[], thrown: unknown): void {
    if (this.closed) {
      this.log.error(`The journal is not up to date: ${describe(thrown)}`);
      return;
    }
    if (this.unwritten.size === 0)
      this.log.error(`${describe(thrown)}; it is tried again until it goes well`);
    for (const write of writes) this.unwritten.set(keyOf(write), write);
    this.retry ??= this.clock.after(RETRY_MS, () => {
      this.retry = undefined;
      const then = this.afterRetry.splice(0);
      this.write([...this.unwritten.values()], () => {
        for (const each of then) each();
      });
    });
  }
}

function keyOf(write: JournalWrite): string {
  return `${'put' in write ? write.put : write.remove} ${write.id}`;
}
