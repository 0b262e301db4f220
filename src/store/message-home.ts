import type { Engine } from '../engine/engine.js';
import type { MessageRow, ReplyRow } from '../engine/rows.js';
import { tellingIfGone } from '../payload/gone.js';
import type { PayloadSource } from '../protocol/payload-source.js';
import type {
  Read,
  ReadAnswer,
  Renew,
  RenewAnswer,
  Reply,
  ReplyAnswer,
  Taken,
  TakenAnswer,
} from '../protocol/verbs.js';
import type { Clock } from '../support/clock.js';
import type { DeadlineHeap } from '../support/deadline-heap.js';
import { describe } from '../support/errors.js';
import type { Log } from '../support/log.js';
import type { Receiver } from './assignments.js';
import type { LargePayloads } from './large-payloads.js';
import type { MessageViews } from './message-views.js';
import type { Outbox } from './outbox.js';
import { readMark } from './records/mark-record.js';
import type { StoreJournal } from './store-journal.js';
import type { Home } from './way-home.js';

/**
 * How long a reader of version 3 whose transfer broke may take to read again, ms. Such a reader often
 * gives up without a word; after this the message goes to whoever has room.
 */
const READ_AGAIN_WITHIN_MS = 5_000;

/** What the home of the messages works with. */
export interface MessageHomeParts {
  readonly engine: Engine;
  readonly outbox: Outbox;
  readonly views: MessageViews;
  readonly largePayloads: LargePayloads;
  readonly journal: StoreJournal;
  readonly deadlines: DeadlineHeap;
  readonly clock: Clock;
  readonly log: Log;
  /** A consumer of the service has room again. */
  readonly roomFreed: (service: string) => void;
}

/**
 * What consumers' stores, this one included, ask the store of a message's producer: to read it, to
 * count it as read, to go on holding it, to take the reply. Only the consumer that has the message may.
 */
export class MessageHome implements Home {
  /** Reads of version 3 under way: a newer one of the same message makes an older one meaningless. */
  private readonly readsUnderWay = new Map<string, symbol>();

  constructor(private readonly parts: MessageHomeParts) {}

  // --- reading --------------------------------------------------------------------------------

  /** WIRE 6: only the consumer that the message was assigned to may read it. */
  async read(request: Read): Promise<ReadAnswer> {
    const row = this.parts.outbox.assignments.claim(request.messageId, request.token, holderOf(request));
    if (row === undefined) return notFound(request);
    if (request.token === undefined) {
      // A store that holds a lease knows its token; anybody else only claims to be that consumer.
      const mayRead = isHeldBy(row, request.consumer) && !this.parts.outbox.leases.has(row.id);
      return mayRead && row.state === 'assigned' ? this.readOnce(row) : notFound(request);
    }
    // Its consumer may read it again and again until it says that it has it (DESIGN.md, "When is it read?").
    const holds = isHeldBy(row, request.consumer) && row.token === request.token;
    if (!holds || (row.state !== 'assigned' && row.state !== 'read')) return notFound(request);
    return {
      kind: 'found',
      meta: this.parts.views.meta(row),
      body: this.bodyOf(row),
      settle: nothing,
    };
  }

  /**
   * A reader that will not say when it has the message: it counts as read when all bytes were handed
   * over. What it might have read is written down before the first byte.
   */
  private async readOnce(row: MessageRow): Promise<ReadAnswer> {
    const { engine, outbox, views, journal, deadlines, log } = this.parts;
    const attempt = Symbol('read');
    this.readsUnderWay.set(row.id, attempt);
    deadlines.cancel(readAgainKey(row.id));
    // Said of it as it is before the read.
    const meta = views.meta(row);
    const body = this.bodyOf(row);
    outbox.setRead(row);
    try {
      if (!journal.keepsNothing) await journal.mark(row.id, readMark(row, false));
    } catch (error) {
      log.error(`message ${row.id} is not given out: ${describe(error)}`);
      this.readFailed(row, attempt);
      return { kind: 'notFound', reason: 'The store cannot note the read' };
    }
    if (engine.messages.get(row.id)?.state !== 'read')
      return { kind: 'notFound', reason: 'The message has ended' };
    return {
      kind: 'found',
      meta,
      body,
      settle: (delivered) => {
        if (delivered) this.readDone(row, attempt);
        else this.readFailed(row, attempt);
      },
    };
  }

  /** Where its file has vanished nobody can read the message: its producer hears of it now, not at the deadline. */
  private bodyOf(row: MessageRow): PayloadSource {
    return tellingIfGone(this.parts.views.body(row), () => {
      this.parts.outbox.failUnreadable(row);
    });
  }

  private readDone(row: MessageRow, attempt: symbol): void {
    if (!this.endAttempt(row, attempt)) return;
    const current = this.parts.engine.messages.get(row.id);
    if (current?.state !== 'read' || !row.sendOnly) return;
    this.parts.outbox.confirmSendOnly(row);
    // No reply will come to say so: its consumer has room again.
    this.parts.roomFreed(row.service);
  }

  private readFailed(row: MessageRow, attempt: symbol): void {
    if (!this.endAttempt(row, attempt)) return;
    const { outbox, journal, deadlines, clock, engine } = this.parts;
    if (engine.messages.get(row.id)?.state !== 'read') return;
    outbox.setUnread(row);
    journal.note(row.id, { state: 'queued', deliveryCount: row.deliveryCount });
    const { token } = row;
    deadlines.set(readAgainKey(row.id), clock.now() + READ_AGAIN_WITHIN_MS, () => {
      const current = engine.messages.get(row.id);
      if (current?.token === token) outbox.retract(current);
    });
  }

  private endAttempt(row: MessageRow, attempt: symbol): boolean {
    if (this.readsUnderWay.get(row.id) !== attempt) return false;
    return this.readsUnderWay.delete(row.id);
  }

  /** The consumer's store has the whole message. Only after this is answered does its flow get it. */
  async taken(taken: Taken): Promise<TakenAnswer> {
    const { outbox } = this.parts;
    const row = outbox.assignments.claim(taken.messageId, taken.token, holderOf(taken));
    if (row === undefined) {
      const confirmed = outbox.ends.under(taken.messageId, taken.token) === 'confirmed';
      return { kind: confirmed ? 'taken' : 'stale' };
    }
    if (!isHeldBy(row, taken.consumer) || row.token !== taken.token) return { kind: 'stale' };
    // The first answer was lost.
    if (row.state === 'read') return { kind: 'taken' };
    if (row.state !== 'assigned') return { kind: 'stale' };
    return { kind: (await this.countAsRead(row)) ? 'taken' : 'stale' };
  }

  /** @returns whether it is still that consumer's. @throws RedlinkError `JOURNAL_IO`: it counts as unread then */
  private async countAsRead(row: MessageRow): Promise<boolean> {
    const { engine, outbox, journal } = this.parts;
    const { token } = row;
    // At once, so that nobody else is given it while the disk is busy.
    outbox.setRead(row);
    if (!journal.keepsNothing) {
      try {
        if (row.sendOnly) await journal.end(row.id);
        else await journal.mark(row.id, readMark(row, outbox.leases.has(row.id)));
      } catch (error) {
        outbox.setUnread(row);
        throw error;
      }
    }
    const current = engine.messages.get(row.id);
    if (current?.token !== token || current.state !== 'read') return false;
    if (row.sendOnly) {
      outbox.confirmSendOnly(row);
      this.parts.roomFreed(row.service);
    }
    return true;
  }

  /** A consumer's store still has these messages, or lost them with their consumer. */
  renew({ consumerStore, held, lost }: Renew): RenewAnswer {
    const { engine, outbox } = this.parts;
    for (const message of lost) outbox.lostConsumers.takeBack(message, consumerStore);
    const stale: string[] = [];
    for (const { messageId, token } of held) {
      // Claimed by the answer to its offer, which is still on its way.
      if (outbox.assignments.terms.named(messageId, token) !== undefined) continue;
      const row = engine.messages.get(messageId);
      // Its store has not heard yet that this ended the message, and asks again: its flow is still to get it.
      if (row === undefined && outbox.ends.under(messageId, token) === 'confirmed') continue;
      if (row?.token !== token || row.consumerStore !== consumerStore) stale.push(messageId);
      else if (row.state === 'assigned' || row.state === 'read') outbox.leases.grant(messageId);
      else if (row.state === 'failed') stale.push(messageId);
    }
    return { kind: 'renewed', stale };
  }

  // --- replies --------------------------------------------------------------------------------

  /** WIRE 6: a reply from anyone but the consumer that has read the message changes nothing. */
  async reply(reply: Reply): Promise<ReplyAnswer> {
    const { engine, outbox, largePayloads } = this.parts;
    const row = engine.messages.get(reply.messageId);
    if (row === undefined || row.state === 'failed') return { kind: this.afterTheEnd(reply) };
    if (!mayReply(row, reply)) return { kind: reply.token === undefined ? 'received' : 'stale' };
    if (row.state === 'replied') return { kind: reply.token === row.token ? 'received' : 'rejected' };
    const payload = await largePayloads.keep(reply.payload);
    const error =
      reply.consumerError === undefined ? undefined : await largePayloads.inline(reply.consumerError);
    const still = engine.messages.get(row.id);
    if (still?.state !== 'read' || still.token !== row.token) {
      largePayloads.drop(payload);
      return { kind: 'received' };
    }
    outbox.setReplied(row);
    await this.keepReply(row, {
      messageId: row.id,
      producerId: row.producerId,
      sequence: outbox.replies.nextSequence(),
      ...payload,
      hasError: error !== undefined,
      errorText: error?.text ?? '',
      errorRestore: error?.restore ?? '',
      mayRepeat: false,
      read: false,
    });
    return { kind: 'received' };
  }

  /** The reply is the producer's as soon as it is sure to survive. */
  private async keepReply(row: MessageRow, reply: ReplyRow): Promise<void> {
    const { engine, outbox, journal, largePayloads } = this.parts;
    if (!journal.keepsNothing) {
      // Nothing of it needs to survive but that it is over. Until that is sure its consumer's store would send it again.
      if ((await outbox.replies.giveAtOnce(reply)) === true) return journal.noted();
      try {
        await journal.reply(reply);
      } catch (error) {
        largePayloads.drop(reply);
        outbox.unsetReplied(row);
        throw error;
      }
    }
    // Flushed meanwhile: nobody wants it any more.
    if (engine.messages.get(row.id)?.state === 'replied') outbox.replies.give(reply);
    else largePayloads.drop(reply);
  }

  /** What a reply is told whose message has ended, as far as that is remembered. */
  private afterTheEnd({ messageId, token }: Reply): ReplyAnswer['kind'] {
    if (token === undefined) return 'received';
    const { ends } = this.parts.outbox;
    const how = ends.under(messageId, token);
    // A first answer that was lost; or a message that is not remembered: it cannot be said that the reply came too late.
    return how === 'replied' || (how === undefined && !ends.has(messageId)) ? 'received' : 'stale';
  }
}

type Holder = { readonly id: string; readonly storeName: string | undefined };

function holderOf({ consumer: { id, storeName } }: Read | Taken): Receiver {
  return { consumerId: id, consumerStore: storeName };
}

/** Whether the message is assigned to that consumer. 3.0.5 does not always say at which store. */
function isHeldBy(row: MessageRow, consumer: Holder): boolean {
  const { id, storeName } = consumer;
  return row.consumerId === id && (storeName === undefined || storeName === row.consumerStore);
}

/** Whether a reply comes from the consumer that has the message, after its read. */
function mayReply(row: MessageRow, reply: Reply): boolean {
  if (!isHeldBy(row, reply.consumer)) return false;
  if (reply.token !== undefined && reply.token !== row.token) return false;
  return row.state === 'read' || row.state === 'replied';
}

function notFound({ messageId }: Read): ReadAnswer {
  return {
    kind: 'notFound',
    reason: `Message with id ${messageId} not found- it may have already been read`,
  };
}

function readAgainKey(messageId: string): string {
  return `read again ${messageId}`;
}

function nothing(): void {
  // The reader says itself when it has the message.
}
