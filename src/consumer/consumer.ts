import type { NotifyRow } from '../engine/rows.js';
import { readValue } from '../payload/read-value.js';
import type { MessageMeta } from '../protocol/verbs.js';
import type { AttachedConsumer, FetchedMessage, StoreForConsumer } from '../store/contract.js';
import type { Clock, Timer } from '../support/clock.js';
import { asError, RedlinkError, type ErrorCode } from '../support/errors.js';
import { RateLimiter } from '../support/rate-limiter.js';
import type { ConsumerEvents, ConsumerFailure, Outcome, ReceivedMessage } from './events.js';
import { isFinal, isStillHeld, wasReplaced } from './fetch-outcome.js';
import type { ConsumerOptions } from './options.js';
import { sendReply, type ReplyError } from './reply.js';

/** Messages fetched at once by one consumer: enough to hide the way's delay, few enough for its memory. */
const FETCHES_AT_ONCE = 32;

/** First and longest pause before a fetch that failed on the way is tried again, ms. */
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 2_000;

/** How long a message is tried to be fetched, ms: the default time limit of a 3.0.5 producer. */
const FETCH_AT_MOST_MS = 300_000;

/** What 3.0.5 says when a producer's store does not have the message (any more). */
const NO_METADATA = 'Message metadata not received';

/** The consuming role: fetches what its store was given for it, hands it to the flow, sends the flow's replies. */
export class Consumer implements AttachedConsumer {
  readonly id: string;
  readonly service: string;
  readonly inTransitLimit: number;
  private readonly limiter: RateLimiter | undefined;
  private store: StoreForConsumer | undefined;
  private timer: Timer | undefined;
  private fetching = 0;
  private scheduled = false;
  /** Whether the flow that the consumer read for is gone. */
  private gone = false;
  /** Fetches that failed on the way, and when each may be tried again. */
  private readonly retries = new Map<string, { pauseMs: number; at: number }>();
  /** When the flow was last told of a waiting message, monotonic ms. */
  private readonly toldAt = new Map<string, number>();

  constructor(
    private readonly options: ConsumerOptions,
    private readonly clock: Clock,
    private readonly events: ConsumerEvents,
  ) {
    this.id = options.id;
    this.service = options.service;
    this.inTransitLimit = options.inTransitLimit;
    this.limiter = options.rate === undefined ? undefined : new RateLimiter(clock, options.rate);
  }

  attach(store: StoreForConsumer): void {
    this.store = store;
    store.attachConsumer(this);
    this.wake();
  }

  /**
   * Leaves the store: what is not read yet goes to others.
   * @param comesBack whether the flow goes on and the consumer is about to come back: then what it has
   * read may still be answered. Otherwise that is lost.
   */
  detach(comesBack = false): void {
    const { store } = this;
    this.gone = !comesBack;
    this.forgetStore();
    store?.detachConsumer(this, comesBack);
  }

  /** The store itself has gone, and hands over what it had for the consumer. */
  forgetStore(): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.retries.clear();
    this.toldAt.clear();
    this.store = undefined;
  }

  get attached(): boolean {
    return this.store !== undefined;
  }

  /** Notifies waiting to be read. */
  waitingCount(): number {
    return this.store?.waiting(this.id).length ?? 0;
  }

  wake(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    this.clock.soon(() => {
      this.scheduled = false;
      this.timer?.cancel();
      this.timer = undefined;
      if (this.store === undefined) return;
      if (this.options.manualRead) this.tellWaiting(this.store);
      else this.fetchWaiting(this.store);
      this.events.changed();
    });
  }

  replyFailed(messageId: string, code: ErrorCode, text: string): void {
    this.events.failed({ action: 'consumerReply', code, text, messageId, asked: false });
  }

  // --- reading ----------------------------------------------------------------------------------

  /** Reads by hand the message named, or the oldest that waits. @returns the failure that was given to the flow, or undefined. */
  async read(messageId: string | undefined): Promise<Outcome> {
    if (!this.options.manualRead) {
      const text = 'Attempt to manually read message when consumer set to auto read';
      return this.fail('consumerRead', 'WRONG_READ_MODE', text, messageId);
    }
    const { store } = this;
    if (store === undefined)
      return this.fail('consumerRead', 'NO_STORE', 'The consumer has no store', messageId);
    if (messageId === undefined) {
      const [oldest] = store.waiting(this.id);
      if (oldest !== undefined) return this.fetch(store, oldest);
      const text = `Store ${store.name} does not have notifies for this consumer`;
      return this.fail('consumerReadWithoutId', 'NOTHING_WAITING', text, undefined);
    }
    const row = store.assignment(messageId, this.id);
    if (row === undefined) return this.fail('consumerRead', 'NOT_ASSIGNED', NO_METADATA, messageId);
    return this.fetch(store, row);
  }

  /** Automatic read: fetches what waits, as far as the rate limit lets it. */
  private fetchWaiting(store: StoreForConsumer): void {
    const now = this.clock.now();
    let nextTry = Infinity;
    for (const row of store.waiting(this.id)) {
      if (this.fetching >= FETCHES_AT_ONCE) return;
      const retry = this.retries.get(row.messageId);
      if (retry !== undefined && retry.at > now) {
        nextTry = Math.min(nextTry, retry.at - now);
        continue;
      }
      if (this.limiter !== undefined && !this.limiter.take()) {
        nextTry = Math.min(nextTry, this.limiter.delayMs());
        break;
      }
      if (row.notifyCount === 0) this.tell(store, row);
      void this.fetch(store, row);
    }
    if (nextTry !== Infinity) this.wakeAfter(nextTry);
  }

  private wakeAfter(delayMs: number): void {
    this.timer?.cancel();
    this.timer = this.clock.after(delayMs, () => {
      this.timer = undefined;
      this.wake();
    });
  }

  /** Manual read: one notify for each waiting message, again every re-notify interval while it is unread. */
  private tellWaiting(store: StoreForConsumer): void {
    const now = this.clock.now();
    const waiting = store.waiting(this.id);
    const unread = new Set<string>();
    let next = Infinity;
    for (const row of waiting) {
      unread.add(row.messageId);
      const told = this.toldAt.get(row.messageId);
      const due = told === undefined ? now : told + this.options.reNotifyMs;
      if (due <= now) {
        this.toldAt.set(row.messageId, now);
        this.tell(store, row);
        next = Math.min(next, this.options.reNotifyMs);
      } else {
        next = Math.min(next, due - now);
      }
    }
    for (const messageId of this.toldAt.keys()) if (!unread.has(messageId)) this.toldAt.delete(messageId);
    if (next !== Infinity) this.wakeAfter(next);
  }

  private tell(store: StoreForConsumer, row: NotifyRow): void {
    const notifyCount = row.notifyCount + 1;
    store.noteNotified(row.messageId);
    this.events.notified({
      messageId: row.messageId,
      producerId: row.producerId,
      sourceStore: row.sourceStore,
      sourceAddress: `${row.sourceHost}:${row.sourcePort}`,
      path: store.pathOf(row),
      notifyCount,
    });
  }

  private async fetch(store: StoreForConsumer, row: NotifyRow): Promise<Outcome> {
    const firstRead = row.state === 'waiting';
    // Its store would give it again and again; the flow gets it once.
    if (!firstRead && row.token !== '')
      return this.fail('consumerRead', 'NOT_FOUND', NO_METADATA, row.messageId);
    const begun = this.clock.now();
    const readDelayMs = Math.round(begun - row.notifiedAt);
    // In automatic read the notify went out just before; the count says how often before that.
    const notifyCount = row.notifyCount - (this.options.manualRead ? 0 : 1);
    if (firstRead) store.noteReading(row.messageId);
    this.fetching += 1;
    try {
      const fetched = await store.fetch(row, readDelayMs);
      const message = await this.receive(store, fetched);
      // Nobody would hear it; its producer's store is told so. One that is sent only has ended there.
      if (this.gone && !fetched.meta.sendOnly) return undefined;
      if (this.store === store && wasReplaced(store, row))
        throw new RedlinkError('NOT_FOUND', 'The message was given out anew');
      if (!firstRead) return this.fail('consumerRead', 'NOT_FOUND', NO_METADATA, row.messageId);
      const transportMs = Math.round(this.clock.now() - begun);
      this.take(store, row, fetched.meta, { message, readDelayMs, transportMs, notifyCount });
      return undefined;
    } catch (thrown) {
      return this.fetchFailed(store, row, firstRead, asError(thrown));
    } finally {
      this.fetching -= 1;
      this.events.changed();
      // By hand too: what could not be fetched waits again, and the flow is told of it again.
      if (this.store !== undefined) this.wake();
    }
  }

  private async receive(store: StoreForConsumer, fetched: FetchedMessage): Promise<unknown> {
    try {
      const message = await readValue(fetched.body);
      // A consumer that was taken out of the flow meanwhile has not read it: others may.
      this.mustBeAttachedTo(store);
      // From here on no other gets it: the flow does, even where the consumer leaves meanwhile.
      await fetched.confirm();
      return message;
    } catch (error) {
      fetched.abandon();
      throw error;
    }
  }

  private mustBeAttachedTo(store: StoreForConsumer): void {
    if (this.store !== store) throw new RedlinkError('CLOSED', 'The consumer has left its store');
  }

  private take(
    store: StoreForConsumer,
    row: NotifyRow,
    meta: MessageMeta,
    read: Pick<ReceivedMessage, 'message' | 'readDelayMs' | 'transportMs' | 'notifyCount'>,
  ): void {
    this.retries.delete(row.messageId);
    const attached = this.store === store;
    // A sendOnly message of this very store is gone with its read, one of another store is still counted (as in 3.0.5).
    const room = attached ? store.room(this.id) : 0;
    if (!this.gone) store.markRead(row.messageId, meta);
    this.events.received({ meta, room, ...read });
  }

  private fetchFailed(store: StoreForConsumer, row: NotifyRow, firstRead: boolean, cause: Error): Outcome {
    const { messageId } = row;
    if (this.store !== store) {
      // Nobody reads it now: it goes to others.
      if (firstRead && isStillHeld(store, row)) store.dropAssignment(messageId);
      return undefined;
    }
    const asked = this.options.manualRead;
    const code = cause instanceof RedlinkError ? cause.code : 'PEER_ANSWER';
    // What came of an earlier assignment says nothing of the one that there is now.
    if (wasReplaced(store, row)) return this.fail('consumerRead', 'NOT_FOUND', NO_METADATA, messageId, asked);
    if (code === 'NOT_FOUND') {
      if (firstRead) store.dropAssignment(messageId);
      return this.fail('consumerRead', code, NO_METADATA, messageId, asked);
    }
    if (isFinal(code) || this.clock.now() - row.notifiedAt > FETCH_AT_MOST_MS) {
      if (firstRead) store.dropAssignment(messageId);
      return this.fail('consumerRead', code, cause.message, messageId, asked);
    }
    if (firstRead) store.noteUnread(messageId);
    if (this.options.manualRead) return this.fail('consumerRead', code, cause.message, messageId);
    const pauseMs = Math.min(
      LONGEST_RETRY_MS,
      2 * (this.retries.get(messageId)?.pauseMs ?? FIRST_RETRY_MS / 2),
    );
    this.retries.set(messageId, { pauseMs, at: this.clock.now() + pauseMs });
    return undefined;
  }

  // --- replying ---------------------------------------------------------------------------------

  /**
   * Sends a reply. The promise is fulfilled when it is kept or delivered, or was refused: then with the
   * failure that was given to the flow.
   * @throws RedlinkError `NOT_SERIALISABLE`, `PAYLOAD_IO`
   */
  async reply(
    messageId: string | undefined,
    payload: unknown,
    error: ReplyError | undefined,
  ): Promise<Outcome> {
    if (messageId === undefined || messageId === '') {
      return this.fail('consumerReply', 'NO_MESSAGE_ID', 'Missing redlinkMsgId', '');
    }
    const refusal =
      this.store === undefined
        ? new RedlinkError('NO_STORE', 'The consumer has no store')
        : await sendReply(this.store, this.id, { messageId, payload, error });
    return refusal === undefined
      ? undefined
      : this.fail('consumerReply', refusal.code, refusal.message, messageId);
  }

  private fail(
    action: ConsumerFailure['action'],
    code: ErrorCode,
    text: string,
    messageId: string | undefined,
    asked = true,
  ): RedlinkError {
    this.events.failed({ action, code, text, messageId, asked });
    return new RedlinkError(code, text);
  }
}
