import type { NotifyRow } from '../engine/rows.js';
import { packedSource } from '../payload/pack.js';
import { parseRestore, textSource } from '../payload/sources.js';
import type { Clock, Timer } from '../support/clock.js';
import { asError, RedlinkError, type ErrorCode } from '../support/errors.js';
import type { Log } from '../support/log.js';
import type { Packed, Serialised } from './contract.js';
import type { Inbox } from './inbox.js';
import type { KeptPayload, LargePayloads } from './large-payloads.js';
import type { WayHome } from './way-home.js';

/** First pause before a reply is sent again, ms. */
const FIRST_RETRY_MS = 200;

/** Longest pause between two tries, ms: a store that is back gets its replies within this. */
const LONGEST_RETRY_MS = 2_000;

interface KeptReply {
  readonly row: NotifyRow;
  readonly payload: KeptPayload;
  readonly consumerError: Serialised | undefined;
  readonly delayMs: number;
  pauseMs: number;
}

/** Delivers the replies of this store's consumers, again and again until the deadline (DEFECTS 9). */
export class ReplyCourier {
  private readonly pauses = new Map<string, Timer>();
  private closed = false;

  constructor(
    private readonly storeName: string,
    private readonly inbox: Inbox,
    private readonly payloads: LargePayloads,
    private readonly wayHome: WayHome,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Takes a reply over; fulfilled as soon as it is kept. Its delivery goes on by itself. */
  async send(row: NotifyRow, payload: Packed, consumerError: Serialised | undefined): Promise<void> {
    // At once, so that a second reply that comes while this one is being kept is refused.
    this.inbox.beginReply(row.messageId);
    const kept = await this.keep(row, payload);
    const delayMs = Math.round(this.clock.now() - row.notifiedAt);
    void this.deliver({ row, payload: kept, consumerError, delayMs, pauseMs: FIRST_RETRY_MS });
  }

  private async keep(row: NotifyRow, payload: Packed): Promise<KeptPayload> {
    try {
      return await this.payloads.keep(packedSource(payload));
    } catch (error) {
      this.inbox.undoReply(row.messageId);
      throw error;
    }
  }

  /** Replies still on their way are given up: the store is gone. */
  close(): void {
    this.closed = true;
    for (const pause of this.pauses.values()) pause.cancel();
    this.pauses.clear();
  }

  private async deliver(reply: KeptReply): Promise<void> {
    try {
      const answer = await this.carry(reply);
      this.end(reply);
      if (answer.kind === 'rejected') {
        this.fail(reply, new RedlinkError('SECOND_REPLY', 'An earlier reply to this message still waits'));
      }
    } catch (thrown) {
      this.tryAgain(reply, asError(thrown));
    }
  }

  private carry({ row, payload, consumerError, delayMs }: KeptReply): ReturnType<WayHome['reply']> {
    const source = this.payloads.source(payload, parseRestore(payload.restore));
    const error =
      consumerError === undefined
        ? undefined
        : textSource(consumerError.text, parseRestore(consumerError.restore));
    return this.wayHome.reply(row, {
      messageId: row.messageId,
      producerId: row.producerId,
      consumer: { id: row.consumerId, service: row.service, storeName: this.storeName },
      replyDelayMs: delayMs,
      room: this.inbox.room(row.consumerId),
      payload: source,
      consumerError: error,
    });
  }

  private tryAgain(reply: KeptReply, cause: Error): void {
    if (this.closed) return;
    const { row } = reply;
    const retryable = cause instanceof RedlinkError && isRetryable(cause.code);
    if (!retryable || this.clock.now() + reply.pauseMs >= row.replyBy) {
      this.end(reply);
      this.fail(reply, cause);
      return;
    }
    this.log.debug(`the reply to ${row.messageId} waits: ${cause.message}`);
    const pause = this.clock.after(reply.pauseMs, () => {
      this.pauses.delete(row.messageId);
      void this.deliver(reply);
    });
    this.pauses.set(row.messageId, pause);
    reply.pauseMs = Math.min(LONGEST_RETRY_MS, reply.pauseMs * 2);
  }

  private end(reply: KeptReply): void {
    this.inbox.endReply(reply.row.messageId);
    this.payloads.drop(reply.payload);
  }

  private fail({ row }: KeptReply, cause: Error): void {
    const code: ErrorCode = cause instanceof RedlinkError ? cause.code : 'PEER_ANSWER';
    this.inbox.replyFailed(row, code, `The reply could not be delivered: ${cause.message}`);
  }
}

/** Whether trying again may help: the peer is away, not unwilling. */
function isRetryable(code: ErrorCode): boolean {
  return code === 'PEER_UNREACHABLE' || code === 'PEER_TIMEOUT' || code === 'PEER_ANSWER';
}
