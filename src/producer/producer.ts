import { pack, packText } from '../payload/pack.js';
import { readValue } from '../payload/read-value.js';
import { revive } from '../payload/serialise.js';
import { parseRestore } from '../payload/sources.js';
import type {
  AttachedProducer,
  DeliveredReply,
  MessageFailure,
  ProducerCounts,
  Serialised,
  StoreForProducer,
} from '../store/contract.js';
import type { Clock, Timer } from '../support/clock.js';
import { RedlinkError } from '../support/errors.js';
import { RateLimiter } from '../support/rate-limiter.js';
import type { ProducerOptions } from './options.js';

/** A reply as the flow gets it. */
export interface ReceivedReply {
  readonly messageId: string;
  /** The flow's own id of the message that was answered; empty where it had none. */
  readonly correlationId: string;
  readonly payload: unknown;
  /** What the consumer set as its error; undefined where it set none. */
  readonly consumerError: unknown;
  readonly hasError: boolean;
  /** What stayed here; the empty text where the message had none (as 3.0.5 gives it). */
  readonly preserved: unknown;
  /** Whether the flow may have had it before: it comes from before a crash. */
  readonly mayRepeat: boolean;
}

/** A message that ended without a reply, its values restored. */
export interface FailedSend extends MessageFailure {
  /** The whole message that went in, `preserved` not included. */
  readonly original: unknown;
  readonly preserved: unknown;
}

/** What a producer gives to its flow. */
export interface ProducerEvents {
  received(reply: ReceivedReply): void;
  /** Replies wait to be read by hand: how many, and the id of the oldest. */
  repliesWaiting(messageId: string, count: number): void;
  failed(failure: FailedSend): void;
  /** The counts of the status have changed. */
  changed(): void;
  /** Something went wrong that belongs to no output. */
  trouble(error: unknown): void;
}

/** One message to send. */
export interface SendRequest {
  readonly messageId: string;
  /** The whole message; its property `preserved` must have been taken out. */
  readonly message: object;
  readonly preserved: unknown;
  readonly hasPreserved: boolean;
  readonly service: string;
  readonly reversePath: boolean;
  readonly correlationId: string;
}

/** Which of the nodes behind a producer that leaves go on. */
export type Hearers = 'all' | 'some' | 'none';

/** The producing role: hands messages to a store, gives replies and failures to the flow. */
export class Producer implements AttachedProducer {
  readonly id: string;
  private readonly limiter: RateLimiter | undefined;
  private store: StoreForProducer | undefined;
  private pause: Timer | undefined;
  private reminder: Timer | undefined;
  private giving = false;
  /** What is to be done when the flow has heard what was given in this turn of the event loop. */
  private readonly unheard: (() => void)[] = [];
  private listening = false;

  constructor(
    private readonly options: ProducerOptions,
    private readonly clock: Clock,
    private readonly events: ProducerEvents,
  ) {
    this.id = options.id;
    const limited = options.rate !== undefined && !options.manualRead;
    this.limiter = limited ? new RateLimiter(clock, options.rate) : undefined;
  }

  attach(store: StoreForProducer): void {
    this.store = store;
    store.attachProducer(this);
  }

  /**
   * Leaves the store; what it has sent goes on there.
   * @param hearers which of the next nodes of the flow go on, and so hear what was given in this moment
   */
  detach(hearers: Hearers = 'none'): void {
    this.pause?.cancel();
    this.reminder?.cancel();
    this.pause = undefined;
    this.reminder = undefined;
    const unheard = this.unheard.splice(0);
    if (hearers === 'all') for (const each of unheard) each();
    this.store?.detachProducer(this, hearers === 'some');
    this.store = undefined;
  }

  get takesAtOnce(): boolean {
    return !this.options.manualRead && this.limiter === undefined && !this.giving;
  }

  get attached(): boolean {
    return this.store !== undefined;
  }

  counts(): ProducerCounts {
    return this.store?.counts(this.id) ?? { queued: 0, notified: 0, replies: 0 };
  }

  /** Whether the store knows a consumer of the service. */
  knows(service: string): boolean {
    return this.store?.knows(service) ?? false;
  }

  /**
   * Sends a message. It is accepted when this returns undefined, or when the promise is fulfilled.
   * @throws RedlinkError `NO_STORE`, `NOT_SERIALISABLE`, `MESSAGE_TOO_LARGE`, `STORE_FULL`, `JOURNAL_IO`, `PAYLOAD_IO`
   */
  send(request: SendRequest): Promise<void> | undefined {
    const { store, options } = this;
    if (store === undefined) throw new RedlinkError('NO_STORE', 'The producer has no store');
    return store.accept({
      id: request.messageId,
      producerId: this.id,
      service: request.service,
      priority: options.priority,
      sendOnly: options.sendOnly,
      reversePath: request.reversePath,
      lifetimeMs: options.lifetimeMs,
      notifyIntervalMs: options.notifyIntervalMs,
      redeliver: options.redeliver,
      maxDeliver: options.maxDeliver,
      body: pack(request.message),
      preserved: request.hasPreserved ? packText(request.preserved) : undefined,
      correlationId: request.correlationId,
    });
  }

  /**
   * Gives the reply to the message named, or the oldest, to the flow (manual read).
   * @throws RedlinkError `WRONG_READ_MODE`, `NO_STORE`, `NOTHING_WAITING`
   */
  async readReply(messageId: string | undefined): Promise<void> {
    if (!this.options.manualRead) {
      throw new RedlinkError(
        'WRONG_READ_MODE',
        'Attempt to manually read a reply when producer set to auto read',
      );
    }
    if (this.store === undefined) throw new RedlinkError('NO_STORE', 'The producer has no store');
    const reply = this.store.peekReply(this.id, messageId);
    if (reply === undefined) {
      const which = messageId === undefined ? 'any message' : `message ${messageId}`;
      throw new RedlinkError('NOTHING_WAITING', `No reply to ${which} is waiting`);
    }
    await this.give(reply);
  }

  // --- what the store says ----------------------------------------------------------------------

  replyWaiting(): void {
    if (this.options.manualRead) this.remind();
    else this.giveAll();
  }

  failed(failure: MessageFailure): void {
    void this.tellFailure(failure);
  }

  changed(): void {
    this.events.changed();
  }

  // --- replies ----------------------------------------------------------------------------------

  /** Gives all replies that wait, one after the other. */
  private giveAll(): void {
    if (this.giving || this.pause !== undefined) return;
    this.giving = true;
    const slow = this.giveUntilSlow();
    if (slow === undefined) {
      this.giving = false;
      return;
    }
    void slow.finally(() => {
      this.giving = false;
      this.giveAll();
    });
  }

  /** @returns when to go on, where one takes its time; undefined: none waits, or the rate limit has set a pause. */
  private giveUntilSlow(): Promise<void> | undefined {
    for (;;) {
      const reply = this.store?.peekReply(this.id, undefined);
      if (reply === undefined) return undefined;
      if (this.limiter !== undefined && !this.limiter.take()) {
        this.pause = this.clock.after(this.limiter.delayMs(), () => {
          this.pause = undefined;
          this.giveAll();
        });
        return undefined;
      }
      const slow = this.give(reply);
      if (slow !== undefined) return slow;
    }
  }

  /** Gives a reply; at once where it lies in memory, which almost all do. */
  private give(reply: DeliveredReply): Promise<void> | undefined {
    const { payload, consumerError: error } = reply;
    if (payload.text === undefined || (error !== undefined && error.text === undefined)) {
      return this.giveSlowly(reply);
    }
    try {
      const revivedError = error?.text === undefined ? undefined : revive(error.text, error.restore);
      this.emit(reply, revive(payload.text, payload.restore), revivedError);
    } catch (thrown) {
      this.giveUp(reply, thrown);
    }
    return undefined;
  }

  private async giveSlowly(reply: DeliveredReply): Promise<void> {
    const { store } = this;
    try {
      const payload = await readValue(reply.payload);
      const error = reply.consumerError === undefined ? undefined : await readValue(reply.consumerError);
      // Meanwhile the producer may have been taken out of the flow: its successor gives the reply.
      if (this.store === store) this.emit(reply, payload, error);
    } catch (thrown) {
      if (this.store === store) this.giveUp(reply, thrown);
    }
  }

  private giveUp({ messageId }: DeliveredReply, thrown: unknown): void {
    this.events.trouble(thrown);
    this.store?.failReply(messageId, thrown instanceof RedlinkError ? thrown.code : 'PAYLOAD_IO');
  }

  private emit(reply: DeliveredReply, payload: unknown, consumerError: unknown): void {
    const received: ReceivedReply = {
      messageId: reply.messageId,
      correlationId: reply.correlationId,
      payload,
      hasError: reply.consumerError !== undefined,
      consumerError,
      preserved: unpackPreserved(reply.preserved),
      mayRepeat: reply.mayRepeat,
    };
    const { store } = this;
    store?.noteGiven(reply.messageId);
    this.tell(
      () => {
        this.events.received(received);
      },
      () => store?.finishReply(reply.messageId),
    );
  }

  /**
   * Gives something to the flow, and calls `heard` when its next node has it. A producer that is detached before has
   * given it to nobody: a deploy ends all nodes of the flow at once, with what lies between them.
   */
  private tell(give: () => void, heard: () => void): void {
    this.unheard.push(heard);
    give();
    if (this.listening) return;
    this.listening = true;
    this.clock.soon(() => {
      this.listening = false;
      for (const each of this.unheard.splice(0)) each();
    });
  }

  /** Manual read: tells the flow now and every notify interval while replies wait. */
  private remind(): void {
    this.reminder?.cancel();
    this.reminder = undefined;
    const oldest = this.store?.peekReply(this.id, undefined);
    if (oldest === undefined) return;
    this.events.repliesWaiting(oldest.messageId, this.counts().replies);
    this.reminder = this.clock.after(this.options.notifyIntervalMs, () => {
      this.remind();
    });
  }

  // --- failures ---------------------------------------------------------------------------------

  private async tellFailure(failure: MessageFailure): Promise<void> {
    const { store } = this;
    const { body, id, preserved } = failure.message;
    let original: unknown = {};
    try {
      // At once where it lies in memory: its row is gone by the next turn.
      original = body.text === undefined ? await readValue(body) : revive(body.text, body.restore);
    } catch (error) {
      this.events.trouble(error);
    }
    // Where the producer has left the flow meanwhile, its successor is told.
    if (this.store !== store) return;
    this.tell(
      () => {
        this.events.failed({ ...failure, original, preserved: unpackPreserved(preserved) });
      },
      () => store?.releaseFailed(id),
    );
  }
}

/** Nothing preserved comes back as the empty text, as from 3.0.5. */
function unpackPreserved(preserved: Serialised | undefined): unknown {
  return preserved === undefined ? '' : revive(preserved.text, parseRestore(preserved.restore));
}
