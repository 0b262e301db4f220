import type { Engine } from '../engine/engine.js';
import type { MessageRow } from '../engine/rows.js';
import type { OfferSource } from '../mesh/offer-ports.js';
import type { OfferTerms } from '../protocol/verbs.js';
import type { Clock } from '../support/clock.js';
import type { DeadlineHeap } from '../support/deadline-heap.js';
import type { ErrorCode } from '../support/errors.js';
import type { Ids } from '../support/ids.js';
import type { Log } from '../support/log.js';
import { Assignments, type Receiver } from './assignments.js';
import type { Capacity } from './capacity.js';
import type { AttachedProducers } from './attached-producers.js';
import type { AttachedProducer, ProducerCounts } from './contract.js';
import { Failures, type Failing } from './failures.js';
import type { LargePayloads } from './large-payloads.js';
import { Leases } from './leases.js';
import { LostConsumers } from './lost-consumers.js';
import { MessageEnds } from './message-ends.js';
import type { MessageCounters } from './message-counters.js';
import { stageOf } from './message-counters.js';
import type { MessageViews } from './message-views.js';
import type { StoreJournal } from './store-journal.js';
import { WaitingReplies } from './waiting-replies.js';

/** What the producers' side tells its store. */
export interface OutboxEvents {
  /** A message has ended, whichever way. */
  messageEnded(messageId: string): void;
}

/** What the outbox works with. */
export interface OutboxParts {
  readonly engine: Engine;
  readonly largePayloads: LargePayloads;
  readonly deadlines: DeadlineHeap;
  readonly capacity: Capacity;
  readonly counters: MessageCounters;
  readonly views: MessageViews;
  readonly journal: StoreJournal;
  readonly producers: AttachedProducers;
  readonly log: Log;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Names this start of the store. */
  readonly bootId: string;
  readonly events: OutboxEvents;
}

/**
 * The messages of this store's own producers, from acceptance to their one end: replied, confirmed
 * (sendOnly), failed or flushed. All changes of a message's state happen here; what consumers' stores
 * ask of them is answered in `message-home.ts`.
 */
export class Outbox implements OfferSource {
  readonly leases: Leases;
  readonly assignments: Assignments;
  readonly ends = new MessageEnds();
  /** Messages that have failed, until their producers know. */
  readonly failures: Failures;
  /** Takes back what consumers had that are gone. */
  readonly lostConsumers: LostConsumers;
  /** Replies that wait for their producers. */
  readonly replies: WaitingReplies;
  private sequence = 0;

  constructor(private readonly parts: OutboxParts) {
    this.leases = new Leases(parts.deadlines, parts.clock, (messageId) => {
      this.loseById(messageId);
    });
    this.assignments = new Assignments({ ...parts, leases: this.leases });
    const { engine, producers, counters, views, journal, log } = parts;
    this.lostConsumers = new LostConsumers(engine, this);
    this.failures = new Failures(engine, producers, counters, views, journal, log, (row) => {
      this.remove(row);
    });
    this.replies = new WaitingReplies(engine, producers, views, log, (messageId) => {
      this.finishReply(messageId);
    });
  }

  // --- accepting ------------------------------------------------------------------------------

  /** The next place in the order of acceptance. */
  nextSequence(): number {
    this.sequence += 1;
    return this.sequence;
  }

  /** From here on the message is accepted. */
  insert(row: MessageRow): void {
    const { counters, engine, capacity } = this.parts;
    counters.enter(row.producerId, stageOf(row));
    engine.messages.insert(row);
    capacity.noteChange();
    if (row.state !== 'replied' && row.state !== 'failed') this.watchDeadline(row);
  }

  private watchDeadline(row: MessageRow): void {
    this.parts.deadlines.set(row.id, row.deadlineAt, () => {
      this.expire(row.id);
    });
  }

  // --- an earlier life of the store -----------------------------------------------------------

  /** Takes a message back, in whatever state it was. */
  takeBack(row: MessageRow): void {
    this.sequence = Math.max(this.sequence, row.sequence);
    this.insert(row);
  }

  /** Takes back a failure that its producer was not told. */
  takeBackFailure(row: MessageRow, failing: Failing): void {
    this.takeBack(row);
    this.failures.takeBack(row, failing);
  }

  // --- offering -------------------------------------------------------------------------------

  takeReady(service: string): MessageRow | undefined {
    return this.parts.engine.messages.takeReady(service, this.parts.clock.now());
  }

  peekReady(service: string): MessageRow | undefined {
    return this.parts.engine.messages.peekReady(service);
  }

  readyCount(service: string): number {
    return this.parts.engine.messages.readyCount(service);
  }

  readyServices(): Iterable<string> {
    return this.parts.engine.messages.readyServices();
  }

  stillOffering(row: MessageRow): boolean {
    return this.parts.engine.messages.get(row.id)?.state === 'offering';
  }

  requeue(row: MessageRow): void {
    this.closeTerms(row);
    this.parts.engine.messages.requeue(row);
  }

  assign(row: MessageRow, to: Receiver & { readonly via: string }): string {
    return this.assignments.assign(row, to);
  }

  openTerms(row: MessageRow, via: string, carries: boolean): OfferTerms {
    return this.assignments.openTerms(row, via, carries);
  }

  closeTerms(row: MessageRow): void {
    this.assignments.terms.close(row.id);
  }

  termsAccepted(row: MessageRow, token: string, to: Receiver): void {
    this.assignments.claim(row.id, token, to);
  }

  confirmed(row: MessageRow, token: string, leased: boolean): void {
    this.assignments.confirmed(row, token, leased);
  }

  retract(row: MessageRow): void {
    if (this.parts.engine.messages.get(row.id)?.state !== 'assigned') return;
    this.giveBack(row);
  }

  private giveBack(row: MessageRow): void {
    this.leases.end(row.id);
    this.parts.counters.move(row.producerId, 'notified', 'queued');
    this.parts.engine.messages.requeue(row);
  }

  /** The journal has it as read. */
  private giveBackRead(row: MessageRow): void {
    this.parts.journal.note(row.id, { state: 'queued', deliveryCount: row.deliveryCount });
    this.giveBack(row);
  }

  /** Takes back what a consumer that is gone was given and has not read. It is safe: nobody read it. */
  retractAssignedTo(consumerStore: string, consumerId: string): void {
    for (const row of this.parts.engine.messages.assignedTo(consumerStore, consumerId)) this.retract(row);
  }

  /** The consumer that had the message is gone. */
  loseById(messageId: string): void {
    const row = this.parts.engine.messages.get(messageId);
    if (row !== undefined) this.lost(row);
  }

  /** It turned out that nobody has read the message, and that its consumer is gone. */
  loseUnread(row: MessageRow): void {
    this.setUnread(row);
    this.giveBackRead(row);
  }

  /**
   * Nobody has the message any more. Unread, or where its producer allows it, it goes out again;
   * otherwise it fails: whoever read it may have done its work.
   */
  private lost(row: MessageRow): void {
    if (row.state === 'assigned') this.retract(row);
    if (row.state !== 'read') return;
    if (row.redeliver && row.deliveryCount < row.maxDeliver) {
      this.giveBackRead(row);
      return;
    }
    this.fail(row, { code: 'CONSUMER_LOST', action: 'producerDelivery', read: true });
  }

  // --- what consumers do ----------------------------------------------------------------------

  /** A consumer has the message, or may have it. */
  setRead(row: MessageRow): void {
    this.parts.engine.messages.update(row.id, (changed) => {
      changed.state = 'read';
      changed.deliveryCount += 1;
    });
  }

  /** It turned out that nobody has it. */
  setUnread(row: MessageRow): void {
    if (this.parts.engine.messages.get(row.id)?.state !== 'read') return;
    this.parts.engine.messages.update(row.id, (changed) => {
      changed.state = 'assigned';
      changed.deliveryCount -= 1;
    });
  }

  /** A sendOnly message was read: that is its end. */
  confirmSendOnly(row: MessageRow): void {
    this.ends.note(row.id, row.token, 'confirmed');
    this.finish(row);
  }

  /** The reply is sure to survive; only the producer may end it now. */
  setReplied(row: MessageRow): void {
    this.parts.engine.messages.update(row.id, (changed) => {
      changed.state = 'replied';
    });
    this.parts.deadlines.cancel(row.id);
    this.leases.end(row.id);
    this.parts.counters.move(row.producerId, 'notified', 'replies');
  }

  /** The reply could not be kept. */
  unsetReplied(row: MessageRow): void {
    if (this.parts.engine.messages.get(row.id)?.state !== 'replied') return;
    this.parts.engine.messages.update(row.id, (changed) => {
      changed.state = 'read';
    });
    this.parts.counters.move(row.producerId, 'replies', 'notified');
    this.watchDeadline(row);
  }

  // --- producers ------------------------------------------------------------------------------

  attach(producer: AttachedProducer): void {
    this.parts.producers.attach(producer);
    producer.changed();
    this.failures.attached(producer);
    this.replies.attached(producer);
  }

  /** @param mayRepeat whether part of its flow has heard what is given again to its successor */
  detach(producer: AttachedProducer, mayRepeat: boolean): void {
    if (!this.parts.producers.detach(producer)) return;
    this.failures.detached(producer.id);
    this.replies.detached(producer.id, mayRepeat);
  }

  counts(producerId: string): ProducerCounts {
    return this.parts.counters.of(producerId);
  }

  finishReply(messageId: string): void {
    const row = this.parts.engine.messages.get(messageId);
    if (row === undefined) return;
    this.ends.note(messageId, row.token, 'replied');
    this.finish(row);
  }

  failReply(messageId: string, code: ErrorCode): void {
    const row = this.parts.engine.messages.get(messageId);
    if (row !== undefined) this.fail(row, { code, action: 'producerDelivery', read: true });
  }

  // --- ends -----------------------------------------------------------------------------------

  /** The payload of a message is gone, so that nobody can read it (again). */
  failUnreadable(row: MessageRow): void {
    const state = this.parts.engine.messages.get(row.id)?.state;
    if (state !== 'assigned' && state !== 'read') return;
    this.fail(row, { code: 'PAYLOAD_IO', action: 'producerDelivery', read: row.deliveryCount > 0 });
  }

  private expire(id: string): void {
    const row = this.parts.engine.messages.get(id);
    if (row === undefined || row.state === 'replied' || row.state === 'failed') return;
    this.fail(row, { code: 'TIMED_OUT', action: 'producerTimeout', read: row.deliveryCount > 0 });
  }

  private fail(row: MessageRow, failing: Failing): void {
    this.parts.events.messageEnded(row.id);
    this.parts.deadlines.cancel(row.id);
    this.leases.end(row.id);
    this.closeTerms(row);
    this.ends.note(row.id, row.token, 'failed');
    this.failures.begin(row, failing);
  }

  /** Empties the store: no output for any of it (NODES.md, `flushStore`). */
  flush(): void {
    for (const row of this.parts.engine.messages.rows()) this.finish(row);
  }

  private finish(row: MessageRow): void {
    this.parts.events.messageEnded(row.id);
    this.parts.deadlines.cancel(row.id);
    this.leases.end(row.id);
    this.remove(row);
  }

  /** Nothing of the message is left: rows, records, files. */
  private remove(row: MessageRow): void {
    const { engine, capacity, counters, journal, largePayloads, producers } = this.parts;
    this.failures.forget(row.id);
    this.replies.forget(row.id);
    this.closeTerms(row);
    producers.forget(row.id, row.producerId);
    const stage = stageOf(row);
    engine.messages.remove(row.id);
    capacity.noteChange();
    counters.leave(row.producerId, stage);
    const reply = engine.replies.get(row.id);
    if (reply !== undefined) engine.replies.remove(row.id);
    // A message that comes back after a crash must find its files.
    journal.forget(row.id, () => {
      if (reply !== undefined) largePayloads.drop(reply);
      largePayloads.drop(row);
    });
  }
}
