import type { JournalRecord, RecordKind } from '../journal/port.js';
import type { MessageRow, ReplyRow } from '../engine/rows.js';
import type { PayloadStore } from '../payload/port.js';
import type { Clock } from '../support/clock.js';
import { describe } from '../support/errors.js';
import type { Log } from '../support/log.js';
import type { Handover } from './handover.js';
import type { Inbox } from './inbox.js';
import type { Outbox } from './outbox.js';
import { decodeKeptReply, type KeptReply } from './records/kept-reply-record.js';
import { decodeMark, type Mark } from './records/mark-record.js';
import { decodeMessage } from './records/message-record.js';
import { Moments } from './records/moments.js';
import { decodeReplyRow } from './records/reply-record.js';
import type { ReplyCourier } from './reply-courier.js';
import type { StoreJournal } from './store-journal.js';

/** Rows put into the tables in one turn of the event loop: a hundred thousand at once would hold up the process. */
const ROWS_PER_TURN = 1_000;

/** Where what comes back goes. */
export interface TakeBackParts {
  readonly storeName: string;
  readonly journal: StoreJournal;
  readonly outbox: Outbox;
  readonly inbox: Inbox;
  readonly courier: ReplyCourier;
  readonly payloads: PayloadStore;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Brings back what an earlier life of the store has left: from the journal, and after a deploy also
 * from the memory of this process. Messages come in their old order, before anybody is woken.
 */
export class TakeBack {
  private readonly moments: Moments;
  private readonly marks = new Map<string, Mark>();
  private readonly replies = new Map<string, ReplyRow>();
  /** Answers of this store's consumers that are still to be delivered. */
  private readonly keptReplies = new Map<string, KeptReply>();
  /** Messages of which some record is not understood. */
  private readonly unclear = new Set<string>();
  /** Files that somebody still needs. */
  private readonly files = new Set<string>();
  /** Whether every record was understood: else nobody knows which files are needed. */
  private allUnderstood = true;

  constructor(
    private readonly parts: TakeBackParts,
    private readonly handover: Handover | undefined,
  ) {
    this.moments = new Moments(parts.clock);
  }

  /** @throws RedlinkError `JOURNAL_LOCKED`, `JOURNAL_UNAVAILABLE`, `JOURNAL_IO`, `PAYLOAD_IO` */
  async run(): Promise<void> {
    await this.openJournal();
    for await (const { id, value } of this.records('mark')) this.readMark(id, value);
    await this.readReplies();
    const rows = await this.readMessages();
    for (const row of this.handover?.held() ?? []) this.parts.inbox.takeBackHeld(row);
    await this.readKeptReplies();
    await this.enterMessages(rows);
    for (const reply of this.keptReplies.values()) this.parts.courier.takeBack(reply);
    if (this.allUnderstood) await this.parts.payloads.sweep(this.files);
  }

  private async openJournal(): Promise<void> {
    const { journal, log, storeName } = this.parts;
    const { setAside, liesAside, cutOff } = await journal.open();
    if (liesAside === true) this.allUnderstood = false;
    if (setAside !== undefined) {
      // A person may still want what is in it, and the files of its large messages.
      this.allUnderstood = false;
      log.error(
        `the journal of store ${storeName} cannot be used (${setAside.why}). It lies untouched in ` +
          `${setAside.folder}; the store begins with an empty one`,
      );
    }
    if (cutOff !== undefined) log.warn(`the journal of store ${storeName} was cut off: ${cutOff}`);
  }

  private async *records(kind: RecordKind): AsyncGenerator<JournalRecord> {
    yield* this.handover?.recordsOf(kind) ?? [];
    yield* this.parts.journal.read(kind);
  }

  private readMark(id: string, value: string): void {
    const mark = this.understand(id, () => decodeMark(value));
    if (mark !== undefined) this.marks.set(id, mark);
  }

  private async readMessages(): Promise<readonly MessageRow[]> {
    const rows: MessageRow[] = [];
    for await (const { id, value } of this.records('message')) {
      // What has become of it is not understood: it must neither go out again nor end.
      if (this.unclear.has(id)) continue;
      const row = this.understand(id, () => decodeMessage(id, value, this.moments));
      if (row !== undefined) rows.push(row);
    }
    return rows.sort((a, b) => a.sequence - b.sequence);
  }

  /** A record that this release does not understand stays in the journal: another one may. */
  private understand<T>(id: string, decode: () => T): T | undefined {
    try {
      return decode();
    } catch (error) {
      this.parts.log.error(`message ${id} stays in the journal: ${describe(error)}`);
      this.allUnderstood = false;
      this.unclear.add(id);
      return undefined;
    }
  }

  private async enterMessages(rows: readonly MessageRow[]): Promise<void> {
    for (const [index, row] of rows.entries()) {
      if (row.payloadName !== '') this.files.add(row.payloadName);
      this.enter(row, this.marks.get(row.id));
      if (index % ROWS_PER_TURN === ROWS_PER_TURN - 1) await this.nextTurn();
    }
  }

  private enter(row: MessageRow, mark: Mark | undefined): void {
    const { outbox } = this.parts;
    const reply = this.replies.get(row.id);
    if (reply !== undefined) {
      outbox.takeBack({ ...row, ...(mark?.state === 'read' ? markOf(mark) : undefined), state: 'replied' });
      outbox.replies.takeBack(reply);
      return;
    }
    switch (mark?.state) {
      case undefined:
        outbox.takeBack(row);
        break;
      case 'queued':
        outbox.takeBack({ ...row, deliveryCount: mark.deliveryCount });
        break;
      case 'read':
        this.enterRead(row, mark);
        break;
      case 'failed': {
        const { code, action, read, consumerId } = mark;
        outbox.takeBackFailure({ ...row, state: 'failed', consumerId }, { code, action, read });
        break;
      }
    }
  }

  private enterRead(row: MessageRow, mark: ReadMark): void {
    const { outbox, inbox, storeName } = this.parts;
    outbox.takeBack({ ...row, ...markOf(mark), state: 'read' });
    if (this.handover === undefined) outbox.replies.mayHaveGiven(row.id);
    if (mark.leased) outbox.leases.grant(row.id);
    // Its answer is on its way.
    if (this.keptReplies.get(row.id)?.row.token === mark.token) return;
    // What a consumer of this very store had is lost with the process, unless a deploy has handed it over.
    const isLocal = mark.consumerStore === storeName;
    if (isLocal && inbox.assignment(row.id, mark.consumerId)?.token !== mark.token) outbox.loseById(row.id);
  }

  /** One whose message is gone was given before the process died: nothing of it is left to do. */
  private async readReplies(): Promise<void> {
    // After a crash nobody knows whether the flow had it already: it is given (again), and says so.
    const mayRepeat = this.handover === undefined;
    for await (const { id, value } of this.records('reply')) {
      const reply = this.understand(id, () => decodeReplyRow(id, value));
      if (reply === undefined) continue;
      if (reply.payloadName !== '') this.files.add(reply.payloadName);
      this.replies.set(id, { ...reply, mayRepeat });
    }
  }

  private async readKeptReplies(): Promise<void> {
    const now = this.parts.clock.now();
    for await (const { id, value } of this.records('keptReply')) {
      const reply = this.understand(id, () => decodeKeptReply(id, value, this.moments, now));
      if (reply === undefined) continue;
      if (reply.payload.payloadName !== '') this.files.add(reply.payload.payloadName);
      this.keptReplies.set(reply.row.messageId, reply);
    }
  }

  private nextTurn(): Promise<void> {
    return new Promise((resolve) => this.parts.clock.after(0, resolve));
  }
}

type ReadMark = Extract<Mark, { state: 'read' }>;

/** What the row says of the consumer that has the message. */
function markOf({
  consumerId,
  consumerStore,
  via,
  token,
  notifiedEpochMs,
  deliveryCount,
}: ReadMark): Pick<
  MessageRow,
  'consumerId' | 'consumerStore' | 'via' | 'token' | 'notifiedEpochMs' | 'deliveryCount'
> {
  return { consumerId, consumerStore, via, token, notifiedEpochMs, deliveryCount };
}
