import type { Engine } from '../engine/engine.js';
import type { MessageRow } from '../engine/rows.js';
import type { OfferSource } from '../mesh/offer-pump.js';
import { textSource } from '../payload/sources.js';
import { tellingIfGone } from '../payload/gone.js';
import { packedBytes } from '../payload/pack.js';
import type { PayloadStore } from '../payload/port.js';
import type { PayloadSource } from '../protocol/payload-source.js';
import type { Read, ReadAnswer, Reply, ReplyAnswer } from '../protocol/verbs.js';
import type { Clock } from '../support/clock.js';
import type { DeadlineHeap } from '../support/deadline-heap.js';
import type { ErrorCode } from '../support/errors.js';
import type { Log } from '../support/log.js';
import type { Capacity } from './capacity.js';
import type {
  AttachedProducer,
  DeliveredReply,
  MessageFailure,
  NewMessage,
  ProducerCounts,
} from './contract.js';
import type { LargePayloads } from './large-payloads.js';
import { MessageViews } from './message-views.js';
import { MessageCounters, stageOf, type Stage } from './message-counters.js';

/** What the producers' side tells its store. */
export interface OutboxEvents {
  /** A message has ended, whichever way. */
  messageEnded(messageId: string): void;
  /** A consumer of the service has room again. */
  roomFreed(service: string): void;
}

/**
 * The messages of this store's own producers, from acceptance to their one end: replied, confirmed
 * (sendOnly), failed or flushed. All changes of a message's state happen here.
 */
export class Outbox implements OfferSource {
  private readonly producers = new Map<string, AttachedProducer>();
  private readonly counters = new MessageCounters((producerId) => this.producers.get(producerId)?.changed());
  /** Reads under way: a newer one of the same message makes an older one meaningless. */
  private readonly readsUnderWay = new Map<string, symbol>();
  /** Files of failed messages whose failure output still reads them. */
  private readonly failedPayloads = new Map<string, string>();
  private readonly views: MessageViews;
  private sequence = 0;
  private replySequence = 0;

  constructor(
    storeName: string,
    private readonly engine: Engine,
    private readonly payloads: PayloadStore,
    private readonly largePayloads: LargePayloads,
    private readonly deadlines: DeadlineHeap,
    private readonly capacity: Capacity,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly events: OutboxEvents,
  ) {
    this.views = new MessageViews(storeName, payloads, clock);
    engine.replies.onInsert((row) => this.producers.get(row.producerId)?.replyWaiting());
  }

  attach(producer: AttachedProducer): void {
    this.producers.set(producer.id, producer);
    producer.changed();
    if (this.engine.replies.firstWaiting(producer.id) !== undefined) producer.replyWaiting();
  }

  detach(producer: AttachedProducer): void {
    if (this.producers.get(producer.id) === producer) this.producers.delete(producer.id);
  }

  counts(producerId: string): ProducerCounts {
    return this.counters.of(producerId);
  }

  /** @returns undefined where it was accepted at once, a promise where its payload goes to disk first. */
  accept(message: NewMessage): Promise<void> | undefined {
    const { body, preserved } = message;
    const byteLength = packedBytes(body);
    this.capacity.mustTake(byteLength);
    if (body.text === undefined) return this.acceptLarge(message, body.parts);
    const large = this.largePayloads.isLarge(body.text) || this.largePayloads.isLarge(preserved?.text ?? '');
    if (large) return this.acceptLarge(message, textSource(body.text, undefined));
    this.insert(message, { text: body.text, payloadName: '', byteLength });
    return undefined;
  }

  private async acceptLarge(message: NewMessage, body: PayloadSource): Promise<void> {
    const stored = await this.payloads.save(body);
    this.insert(message, { text: '', payloadName: stored.name, byteLength: stored.byteLength });
  }

  private insert(message: NewMessage, body: Pick<MessageRow, 'text' | 'payloadName' | 'byteLength'>): void {
    const now = this.clock.now();
    const deadlineAt = now + message.lifetimeMs;
    this.sequence += 1;
    this.counters.enter(message.producerId, 'queued');
    this.engine.messages.insert({
      id: message.id,
      service: message.service,
      producerId: message.producerId,
      priority: message.priority,
      sequence: this.sequence,
      sendOnly: message.sendOnly,
      reversePath: message.reversePath,
      acceptedEpochMs: this.clock.wall(),
      acceptedAt: now,
      deadlineAt,
      ...body,
      restore: message.body.restore,
      preserved: message.preserved?.text ?? '',
      preservedRestore: message.preserved?.restore ?? '',
      correlationId: message.correlationId,
      notifyIntervalMs: message.notifyIntervalMs,
      redeliver: message.redeliver,
      maxDeliver: message.maxDeliver,
      state: 'queued',
      consumerId: '',
      consumerStore: '',
      via: '',
      notifiedEpochMs: 0,
      deliveryCount: 0,
    });
    this.capacity.noteChange();
    this.deadlines.set(message.id, deadlineAt, () => {
      this.expire(message.id);
    });
  }

  // --- offering -------------------------------------------------------------------------------

  takeReady(service: string): MessageRow | undefined {
    return this.engine.messages.takeReady(service, this.clock.now());
  }

  peekReady(service: string): MessageRow | undefined {
    return this.engine.messages.peekReady(service);
  }

  readyServices(): Iterable<string> {
    return this.engine.messages.readyServices();
  }

  stillOffering(row: MessageRow): boolean {
    return this.engine.messages.get(row.id)?.state === 'offering';
  }

  requeue(row: MessageRow): void {
    this.engine.messages.requeue(row);
  }

  assign(row: MessageRow, to: { consumerId: string; consumerStore: string; via: string }): void {
    this.engine.messages.assign(row.id, { ...to, notifiedEpochMs: this.clock.wall() });
    this.counters.move(row.producerId, 'queued', 'notified');
  }

  retract(row: MessageRow): void {
    if (this.engine.messages.get(row.id)?.state !== 'assigned') return;
    this.readsUnderWay.delete(row.id);
    this.counters.move(row.producerId, 'notified', 'queued');
    this.engine.messages.requeue(row);
  }

  /** Takes back what a consumer that is gone was given and has not read. It is safe: nobody read it. */
  retractAssignedTo(consumerStore: string, consumerId: string): void {
    for (const row of this.engine.messages.assignedTo(consumerStore, consumerId)) this.retract(row);
  }

  // --- reading --------------------------------------------------------------------------------

  /** WIRE 6: only the consumer that the message was assigned to may read it, once. */
  read(request: Read): ReadAnswer {
    const row = this.engine.messages.get(request.messageId);
    const { id, storeName } = request.consumer;
    const isTheirs = row?.state === 'assigned' && row.consumerId === id && row.consumerStore === storeName;
    if (row === undefined || !isTheirs) {
      return {
        kind: 'notFound',
        reason: `Message with id ${request.messageId} not found- it may have already been read`,
      };
    }
    const attempt = Symbol('read');
    this.readsUnderWay.set(row.id, attempt);
    return {
      kind: 'found',
      meta: this.views.meta(row),
      body: tellingIfGone(this.views.body(row), () => {
        this.payloadGone(row);
      }),
      settle: (delivered) => {
        if (this.readsUnderWay.get(row.id) !== attempt) return;
        this.readsUnderWay.delete(row.id);
        if (delivered) this.markRead(row);
      },
    };
  }

  /** Nobody can read the message any more: its producer hears of it now, not at the deadline. */
  private payloadGone(row: MessageRow): void {
    if (this.engine.messages.get(row.id)?.state !== 'assigned') return;
    this.readsUnderWay.delete(row.id);
    this.fail(row, 'PAYLOAD_IO', 'producerDelivery');
  }

  private markRead(row: MessageRow): void {
    if (this.engine.messages.get(row.id)?.state !== 'assigned') return;
    this.engine.messages.update(row.id, (changed) => {
      changed.state = 'read';
      changed.deliveryCount += 1;
    });
    if (!row.sendOnly) return;
    this.finish(row, 'notified');
    // No reply will come to say so: its consumer has room again.
    this.events.roomFreed(row.service);
  }

  // --- replies --------------------------------------------------------------------------------

  /** WIRE 6: a reply from anyone but the consumer that has read the message changes nothing. */
  async reply(reply: Reply): Promise<ReplyAnswer> {
    const row = this.engine.messages.get(reply.messageId);
    if (row === undefined || !mayReply(row, reply, this.readsUnderWay)) return { kind: 'received' };
    if (row.state === 'replied') return { kind: 'rejected' };
    const payload = await this.largePayloads.keep(reply.payload);
    const error =
      reply.consumerError === undefined ? undefined : await this.largePayloads.inline(reply.consumerError);
    this.markRead(row);
    const still = this.engine.messages.get(row.id);
    if (still === undefined || still.state === 'replied' || !mayReply(still, reply, this.readsUnderWay)) {
      this.largePayloads.drop(payload);
      return { kind: 'received' };
    }
    this.engine.messages.update(row.id, (changed) => {
      changed.state = 'replied';
    });
    this.deadlines.cancel(row.id);
    this.counters.move(row.producerId, 'notified', 'replies');
    this.replySequence += 1;
    this.engine.replies.insert({
      messageId: row.id,
      producerId: row.producerId,
      sequence: this.replySequence,
      ...payload,
      hasError: error !== undefined,
      errorText: error?.text ?? '',
      errorRestore: error?.restore ?? '',
      read: false,
    });
    if (!this.producers.has(row.producerId)) {
      this.log.info(`message ${row.id} was answered, its producer ${row.producerId} is not in the flow`);
    }
    return { kind: 'received' };
  }

  peekReply(producerId: string, messageId: string | undefined): DeliveredReply | undefined {
    const reply =
      messageId === undefined
        ? this.engine.replies.firstWaiting(producerId)
        : this.engine.replies.get(messageId);
    if (reply === undefined || reply.producerId !== producerId) return undefined;
    const row = this.engine.messages.get(reply.messageId);
    if (row === undefined) return undefined;
    return this.views.reply(row, reply);
  }

  finishReply(messageId: string): void {
    const row = this.engine.messages.get(messageId);
    if (row !== undefined) this.finish(row, 'replies');
  }

  failReply(messageId: string, code: ErrorCode): void {
    const row = this.engine.messages.get(messageId);
    if (row !== undefined) this.fail(row, code, 'producerDelivery');
  }

  // --- ends -----------------------------------------------------------------------------------

  private expire(id: string): void {
    const row = this.engine.messages.get(id);
    if (row === undefined || row.state === 'replied') return;
    this.fail(row, 'TIMED_OUT', 'producerTimeout');
  }

  private fail(row: MessageRow, code: ErrorCode, action: MessageFailure['action']): void {
    const read = row.state === 'read' || row.state === 'replied' || this.readsUnderWay.has(row.id);
    const producer = this.producers.get(row.producerId);
    const failure = { code, action, read, message: this.views.failed(row) };
    // A large payload is read for the failure output first; its file goes after that.
    const keepPayload = row.payloadName !== '' && producer !== undefined;
    if (keepPayload) this.failedPayloads.set(row.id, row.payloadName);
    this.finish(row, stageOf(row), { keepPayload });
    if (producer === undefined)
      this.log.warn(`message ${row.id} failed (${code}), its producer is not in the flow`);
    producer?.failed(failure);
  }

  /** The failure output has (or gave up on) the payload of a failed message: its file may go. */
  releaseFailed(messageId: string): void {
    const name = this.failedPayloads.get(messageId);
    if (name === undefined) return;
    this.failedPayloads.delete(messageId);
    this.largePayloads.remove(name);
  }

  /** Empties the store: no output for any of it (NODES.md, `flushStore`). */
  flush(): void {
    for (const row of this.engine.messages.rows()) this.finish(row, stageOf(row));
  }

  private finish(row: MessageRow, stage: Stage, options: { keepPayload?: boolean } = {}): void {
    this.events.messageEnded(row.id);
    this.deadlines.cancel(row.id);
    this.readsUnderWay.delete(row.id);
    this.engine.messages.remove(row.id);
    this.capacity.noteChange();
    this.counters.leave(row.producerId, stage);
    const reply = this.engine.replies.get(row.id);
    if (reply !== undefined) {
      this.engine.replies.remove(row.id);
      if (reply.payloadName !== '') this.largePayloads.remove(reply.payloadName);
    }
    if (row.payloadName !== '' && options.keepPayload !== true) this.largePayloads.remove(row.payloadName);
  }
}

/** Whether a reply comes from the consumer that has the message, after its read. */
function mayReply(row: MessageRow, reply: Reply, readsUnderWay: ReadonlyMap<string, symbol>): boolean {
  const { id, storeName } = reply.consumer;
  if (row.consumerId !== id || (storeName !== undefined && storeName !== row.consumerStore)) return false;
  // The last bytes of a read may be on their way to be counted while its reply is already here.
  return row.state === 'read' || row.state === 'replied' || readsUnderWay.has(row.id);
}
