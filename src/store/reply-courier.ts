import type { NotifyRow } from '../engine/rows.js';
import { packedSource } from '../payload/pack.js';
import { parseRestore, textSource } from '../payload/sources.js';
import type { Clock, Timer } from '../support/clock.js';
import { asError, describe, RedlinkError, type ErrorCode } from '../support/errors.js';
import type { Log } from '../support/log.js';
import type { Packed, Serialised } from './contract.js';
import type { Inbox } from './inbox.js';
import type { KeptPayload, LargePayloads } from './large-payloads.js';
import type { KeptReply } from './records/kept-reply-record.js';
import type { StoreJournal } from './store-journal.js';
import type { WayHome } from './way-home.js';

/** First pause before a reply is sent again, ms. */
const FIRST_RETRY_MS = 200;

/** Longest pause between two tries, ms: a store that is back gets its replies within this. */
const LONGEST_RETRY_MS = 2_000;

/** A reply that is not delivered after so long is written down, ms. Most are delivered in a few, and need not be. */
const KEEP_AFTER_MS = 1_000;

/** A reply on its way. */
interface Errand extends KeptReply {
  pauseMs: number;
  /** Next try, or the moment to write it down. */
  timer: Timer | undefined;
  keepTimer: Timer | undefined;
  written: boolean;
  /** Tells the consumer that the reply is delivered, kept, or has failed. */
  readonly settled: () => void;
}

/** What the courier works with. */
export interface ReplyCourierParts {
  readonly storeName: string;
  readonly inbox: Inbox;
  readonly payloads: LargePayloads;
  readonly wayHome: WayHome;
  readonly journal: StoreJournal;
  readonly clock: Clock;
  readonly log: Log;
}

/** Delivers the replies of this store's consumers, again and again until the deadline (DEFECTS 9). */
export class ReplyCourier {
  private readonly errands = new Set<Errand>();
  private closed = false;

  constructor(private readonly parts: ReplyCourierParts) {}

  /** Takes a reply over; fulfilled when it is delivered, or sure to be tried until its deadline. */
  async send(row: NotifyRow, payload: Packed, consumerError: Serialised | undefined): Promise<void> {
    // At once, so that a second reply that comes while this one is being kept is refused.
    this.parts.inbox.beginReply(row.messageId);
    const kept = await this.keep(row, payload);
    const delayMs = Math.round(this.parts.clock.now() - row.notifiedAt);
    await new Promise<void>((resolve) => {
      const errand = this.begin({ row, payload: kept, consumerError, delayMs }, resolve);
      if (this.parts.journal.keepsNothing) resolve();
      else this.keepLater(errand);
    });
  }

  /** Takes back a reply that an earlier life of the store had written down. */
  takeBack(reply: KeptReply): void {
    this.parts.inbox.takeBackReplying(reply.row);
    this.begin(reply, () => undefined).written = true;
  }

  /** Replies still on their way, as they are to be taken over by the next life of the store. */
  underWay(): readonly KeptReply[] {
    return [...this.errands];
  }

  /** Fulfilled when all replies still on their way are left to the journal: the store is going. */
  async close(): Promise<void> {
    this.closed = true;
    const left = [...this.errands];
    for (const errand of left) {
      errand.timer?.cancel();
      errand.keepTimer?.cancel();
    }
    await Promise.all(left.map((errand) => this.writeDown(errand)));
    for (const errand of left) errand.settled();
  }

  private async keep(row: NotifyRow, payload: Packed): Promise<KeptPayload> {
    try {
      return await this.parts.payloads.keep(packedSource(payload));
    } catch (error) {
      this.parts.inbox.undoReply(row.messageId);
      throw error;
    }
  }

  private begin(reply: KeptReply, settled: () => void): Errand {
    const errand: Errand = {
      ...reply,
      settled,
      pauseMs: FIRST_RETRY_MS,
      timer: undefined,
      keepTimer: undefined,
      written: false,
    };
    this.errands.add(errand);
    void this.deliver(errand);
    return errand;
  }

  private keepLater(errand: Errand): void {
    if (!this.errands.has(errand)) return;
    errand.keepTimer = this.parts.clock.after(KEEP_AFTER_MS, () => void this.writeDown(errand));
  }

  /** So that it survives the process. Where the disk refuses, it is tried again with the next failed delivery. */
  private async writeDown(errand: Errand): Promise<void> {
    const { journal, log } = this.parts;
    if (errand.written || journal.keepsNothing) return;
    try {
      await journal.keepReply(errand);
      errand.written = true;
      errand.settled();
      // Delivered meanwhile.
      if (!this.errands.has(errand) && !this.closed) journal.forgetReply(errand.row.messageId);
    } catch (error) {
      log.error(`the reply to ${errand.row.messageId} is kept in memory only: ${describe(error)}`);
    }
  }

  private async deliver(errand: Errand): Promise<void> {
    try {
      const answer = await this.carry(errand);
      this.end(errand);
      if (answer.kind === 'rejected') {
        this.fail(errand, new RedlinkError('SECOND_REPLY', 'An earlier reply to this message still waits'));
      }
      if (answer.kind === 'stale') {
        this.fail(errand, new RedlinkError('REPLY_EXPIRED', 'The message is no longer this consumer’s'));
      }
    } catch (thrown) {
      await this.tryAgain(errand, asError(thrown));
    }
  }

  private carry({ row, payload, consumerError, delayMs }: Errand): ReturnType<WayHome['reply']> {
    const { payloads, wayHome, storeName, inbox } = this.parts;
    const source = payloads.source(payload, parseRestore(payload.restore));
    const error =
      consumerError === undefined
        ? undefined
        : textSource(consumerError.text, parseRestore(consumerError.restore));
    return wayHome.reply(row, {
      messageId: row.messageId,
      producerId: row.producerId,
      consumer: { id: row.consumerId, service: row.service, storeName },
      replyDelayMs: delayMs,
      room: inbox.room(row.consumerId),
      payload: source,
      consumerError: error,
      token: row.token === '' ? undefined : row.token,
    });
  }

  private async tryAgain(errand: Errand, cause: Error): Promise<void> {
    if (this.closed) return;
    const { clock, log } = this.parts;
    const { row } = errand;
    const retryable = cause instanceof RedlinkError && isRetryable(cause.code);
    if (!retryable || clock.now() + errand.pauseMs >= row.replyBy) {
      this.end(errand);
      this.fail(errand, cause);
      return;
    }
    log.debug(`the reply to ${row.messageId} waits: ${cause.message}`);
    errand.timer = clock.after(errand.pauseMs, () => void this.deliver(errand));
    errand.pauseMs = Math.min(LONGEST_RETRY_MS, errand.pauseMs * 2);
    await this.writeDown(errand);
  }

  private end(errand: Errand): void {
    if (!this.errands.delete(errand)) return;
    errand.keepTimer?.cancel();
    // A store that has closed meanwhile has handed the reply over.
    if (this.closed) return;
    const { inbox, payloads, journal } = this.parts;
    inbox.endReply(errand.row.messageId);
    const drop = (): void => {
      payloads.drop(errand.payload);
    };
    // A reply that comes back after a crash must find its file.
    if (errand.written) journal.forgetReply(errand.row.messageId, drop);
    else drop();
    errand.settled();
  }

  private fail({ row }: Errand, cause: Error): void {
    const code: ErrorCode = cause instanceof RedlinkError ? cause.code : 'PEER_ANSWER';
    this.parts.inbox.replyFailed(row, code, `The reply could not be delivered: ${cause.message}`);
  }
}

/** Whether trying again may help: the peer is away or its disk is full, it is not unwilling. */
function isRetryable(code: ErrorCode): boolean {
  return (
    code === 'PEER_UNREACHABLE' || code === 'PEER_TIMEOUT' || code === 'PEER_ANSWER' || code === 'JOURNAL_IO'
  );
}
