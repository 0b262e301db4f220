import type { Engine } from '../engine/engine.js';
import type { NotifyRow } from '../engine/rows.js';
import type { EntryTerms, LocalDesk } from '../mesh/offer-ports.js';
import type { OfferDesk } from '../mesh/offer-relay.js';
import type { Confirm, Hop, MessageMeta, Offer, OfferedMessage } from '../protocol/verbs.js';
import { BoundedMemory } from '../support/bounded-memory.js';
import type { Clock } from '../support/clock.js';
import type { DeadlineHeap } from '../support/deadline-heap.js';
import type { ErrorCode } from '../support/errors.js';
import { isAnotherTry, takesAnotherWay } from './another-way.js';
import type { AttachedConsumer, MessageEnd } from './contract.js';
import { ConsumerRooms } from './consumer-rooms.js';
import { EnclosedMessages } from './enclosed-messages.js';
import { HeldOffers } from './held-offers.js';
import { LatestTerms } from './latest-terms.js';
import { PlaceEnds, UNKNOWN_DEADLINE_MS } from './place-ends.js';

/** How many messages that have ended are remembered, to tell a second reply from one to a wrong id. */
const REMEMBERED_ENDS = 1_000;

/** How long what a consumer had read waits for it after a deploy, ms: its flow may still answer. A deploy takes a second or two. */
const COMES_BACK_WITHIN_MS = 5_000;

/** What the consumers' side tells its store. */
export interface InboxEvents {
  /** A consumer of the service has room again. */
  roomFreed(service: string): void;
  /** A consumer is gone for good, and what it had with it. */
  consumerLost(consumerId: string, had: readonly NotifyRow[]): void;
}

/**
 * The consumers attached to this store and the messages assigned to them: never more than fit their
 * in-transit limits, whatever comes at the same moment (DEFECTS 3, 4).
 */
export class Inbox implements OfferDesk, LocalDesk {
  private readonly consumers = new Map<string, AttachedConsumer>();
  private readonly held: HeldOffers;
  private readonly places: PlaceEnds;
  private readonly latest = new LatestTerms();
  /** Messages that came together with their assignments. */
  readonly enclosed = new EnclosedMessages();
  private readonly ends = new BoundedMemory<MessageEnd>(REMEMBERED_ENDS);
  private readonly rooms: ConsumerRooms;
  private sequence = 0;

  constructor(
    private readonly engine: Engine,
    private readonly deadlines: DeadlineHeap,
    private readonly clock: Clock,
    private readonly events: InboxEvents,
  ) {
    this.held = new HeldOffers(deadlines, clock);
    this.places = new PlaceEnds(engine.notifies, deadlines, clock, {
      expired: (messageId) => {
        this.expire(messageId);
      },
      lapsed: (service) => {
        events.roomFreed(service);
      },
      dropped: (row) => {
        this.remove(row);
      },
    });
    this.rooms = new ConsumerRooms(
      engine,
      (consumerId) => this.consumers.get(consumerId)?.inTransitLimit ?? 0,
      (consumerId) => this.held.countOf(consumerId) - this.places.lapsedOf(consumerId),
    );
    engine.notifies.onInsert((row) => this.consumers.get(row.consumerId)?.wake());
  }

  attach(consumer: AttachedConsumer): void {
    this.consumers.set(consumer.id, consumer);
    this.deadlines.cancel(absentKey(consumer.id));
    this.engine.consumers.remove(consumer.id);
    this.engine.consumers.insert({
      consumerId: consumer.id,
      service: consumer.service,
      inTransitLimit: consumer.inTransitLimit,
    });
    this.events.roomFreed(consumer.service);
  }

  /**
   * @param comesBack whether its flow goes on, so that what it has read may still be answered
   * @returns whether it was attached: a redeployed node may have taken its place already.
   */
  detach(consumer: AttachedConsumer, comesBack: boolean): boolean {
    if (this.consumers.get(consumer.id) !== consumer) return false;
    this.consumers.delete(consumer.id);
    this.engine.consumers.remove(consumer.id);
    this.rooms.forget(consumer.id);
    if (!comesBack) {
      this.lose(consumer.id);
      return true;
    }
    // What it is just reading reaches its flow, or is dropped by it.
    for (const row of this.engine.notifies.ofConsumer(consumer.id)) {
      if (row.state === 'waiting') this.remove(row);
    }
    this.expect(consumer.id);
    return true;
  }

  /** Where the consumer stays away, what it had is lost. */
  private expect(consumerId: string): void {
    this.deadlines.set(absentKey(consumerId), this.clock.now() + COMES_BACK_WITHIN_MS, () => {
      this.lose(consumerId);
    });
  }

  private lose(consumerId: string): void {
    // A reply that is kept goes on without its consumer.
    const had = this.engine.notifies.ofConsumer(consumerId).filter(({ state }) => state !== 'replying');
    for (const row of had) this.remove(row);
    this.places.forget(consumerId);
    this.events.consumerLost(consumerId, had);
  }

  // --- places ---------------------------------------------------------------------------------

  serves(service: string): boolean {
    return this.engine.consumers.ofService(service).length > 0;
  }

  pick(service: string): string | undefined {
    return this.rooms.pick(service);
  }

  /** Outstanding over limit, whole percent (WIRE 7, `enm`). */
  room(consumerId: string): number {
    return this.rooms.room(consumerId);
  }

  freePlaces(consumerId: string): number {
    return this.rooms.freePlaces(consumerId);
  }

  // --- offers of other stores -----------------------------------------------------------------

  hold(offer: Offer, mayTake: boolean): { consumerId: string; room: number } | undefined {
    if (this.latest.areAfter(offer)) return undefined;
    const accepted = this.engine.notifies.get(offer.messageId);
    if (accepted !== undefined) {
      if (!isAnotherTry(accepted, offer)) return undefined;
      return { consumerId: accepted.consumerId, room: this.room(accepted.consumerId) };
    }
    const again = this.held.consumerOf(offer.messageId);
    if (again !== undefined) {
      // The first answer was lost on the way: the place is still there.
      return { consumerId: again, room: this.room(again) };
    }
    const consumerId = mayTake ? this.pick(offer.service) : undefined;
    if (consumerId === undefined) return undefined;
    const room = this.room(consumerId);
    // With terms it becomes an assignment in this very moment.
    if (offer.terms !== undefined) return { consumerId, room };
    this.held.hold(offer.messageId, consumerId, () => {
      this.events.roomFreed(offer.service);
    });
    return { consumerId, room };
  }

  assign(made: Offer, consumerId: string, path: readonly Hop[]): boolean {
    const { terms, ...offer } = made;
    if (terms === undefined) return false;
    const { token, deadlineInMs } = terms;
    if (this.engine.notifies.get(offer.messageId)?.token === token) return true;
    this.held.release(offer.messageId);
    this.latest.note(made);
    // Before its row, because that wakes the consumer.
    this.enclosed.keep(offer.messageId, terms, { consumerId, path });
    this.enter({ ...offer, path }, consumerId, { sendOnly: false, deadlineInMs, token });
    return true;
  }

  confirm(confirm: Confirm): { room: number } | undefined {
    if (this.held.consumerOf(confirm.messageId) !== confirm.consumerId) {
      const row = this.engine.notifies.get(confirm.messageId);
      if (row?.consumerId !== confirm.consumerId) return undefined;
      // A repeated confirmation: the first answer was lost. By another way it counts anew.
      const isRepeated = row.token === (confirm.token ?? '');
      if (!takesAnotherWay(row, confirm.path.slice(0, -1))) {
        return isRepeated ? { room: this.room(row.consumerId) } : undefined;
      }
    }
    this.held.release(confirm.messageId);
    if (!this.consumers.has(confirm.consumerId)) return undefined;
    const { deadlineInMs, token = '' } = confirm;
    this.enter(confirm, confirm.consumerId, { sendOnly: false, deadlineInMs, token });
    return { room: this.room(confirm.consumerId) };
  }

  // --- assignments ----------------------------------------------------------------------------

  enter(message: OfferedMessage, consumerId: string, terms: EntryTerms): void {
    const { sendOnly, deadlineInMs, token } = terms;
    // A message that comes again after its first assignment was taken back replaces it.
    const former = this.engine.notifies.get(message.messageId);
    if (former !== undefined) this.removeRow(former);
    this.sequence += 1;
    this.engine.notifies.insert({
      messageId: message.messageId,
      service: message.service,
      consumerId,
      producerId: message.producerId,
      sourceStore: message.source.storeName,
      sourceHost: message.source.address.host,
      sourcePort: message.source.address.port,
      path: JSON.stringify(message.path),
      sequence: this.sequence,
      notifiedAt: this.clock.now(),
      notifiedEpochMs: this.clock.wall(),
      reversePath: message.path[0]?.reversePath ?? message.reversePath,
      sendOnly,
      token,
      replyBy: this.clock.now() + (deadlineInMs ?? Infinity),
      state: 'waiting',
      notifyCount: 0,
    });
    this.places.set(message.messageId, deadlineInMs);
  }

  /** What a consumer had when the earlier life of the store ended; its flow may still answer. */
  takeBackHeld(row: NotifyRow): void {
    this.sequence += 1;
    this.engine.notifies.insert({
      ...row,
      sequence: this.sequence,
      state: row.state === 'reading' ? 'waiting' : row.state,
    });
    this.places.set(row.messageId, row.replyBy === Infinity ? undefined : row.replyBy - this.clock.now());
    if (!this.consumers.has(row.consumerId)) this.expect(row.consumerId);
  }

  /** A reply of an earlier life of the store is on its way again. */
  takeBackReplying(row: NotifyRow): void {
    if (this.engine.notifies.has(row.messageId)) return;
    this.sequence += 1;
    this.engine.notifies.insert({ ...row, sequence: this.sequence, state: 'replying' });
  }

  assignment(messageId: string, consumerId: string): NotifyRow | undefined {
    const row = this.engine.notifies.get(messageId);
    return row?.consumerId === consumerId ? row : undefined;
  }

  waiting(consumerId: string): readonly NotifyRow[] {
    return this.engine.notifies.waiting(consumerId);
  }

  /** The consumer has the whole message. A sendOnly one is done with that. */
  markRead(messageId: string, meta: MessageMeta): void {
    const row = this.engine.notifies.get(messageId);
    if (row === undefined) {
      // One of this very store is done with its read, and gone.
      if (meta.sendOnly) this.ends.set(messageId, 'sendOnly');
      return;
    }
    this.engine.notifies.update(messageId, (changed) => {
      changed.state = 'read';
      changed.sendOnly = meta.sendOnly;
      changed.replyBy = this.clock.now() + (meta.deadlineInMs ?? UNKNOWN_DEADLINE_MS);
    });
    this.enclosed.forget(messageId);
    if (meta.sendOnly) {
      this.end(row, 'sendOnly');
      return;
    }
    this.places.set(messageId, meta.deadlineInMs);
  }

  /** The producer has given up, or its store was emptied: a reply has nowhere to go. */
  expire(messageId: string): void {
    const row = this.engine.notifies.get(messageId);
    if (row !== undefined && row.state !== 'replying') this.end(row, 'expired');
  }

  /** Nobody will read it any more. */
  drop(messageId: string): void {
    const row = this.engine.notifies.get(messageId);
    if (row !== undefined) this.remove(row);
  }

  /** The reply is given: the place is free, the row stays until the reply is delivered. */
  beginReply(messageId: string): void {
    const row = this.engine.notifies.get(messageId);
    if (row === undefined) return;
    this.places.cancel(row);
    this.engine.notifies.setState(messageId, 'replying');
    this.events.roomFreed(row.service);
  }

  /** The reply could not be kept: the message still waits for one. */
  undoReply(messageId: string): void {
    this.engine.notifies.setState(messageId, 'read');
  }

  endReply(messageId: string): void {
    const row = this.engine.notifies.get(messageId);
    if (row !== undefined) this.end(row, 'replied');
  }

  endOf(messageId: string): MessageEnd | undefined {
    return this.ends.get(messageId);
  }

  replyFailed(row: NotifyRow, code: ErrorCode, text: string): void {
    this.consumers.get(row.consumerId)?.replyFailed(row.messageId, code, text);
  }

  flush(): void {
    for (const row of this.engine.notifies.rows()) this.remove(row);
    this.held.clear();
  }

  // --- ends -----------------------------------------------------------------------------------

  private end(row: NotifyRow, how: MessageEnd): void {
    this.ends.set(row.messageId, how);
    this.remove(row);
  }

  private remove(row: NotifyRow): void {
    this.enclosed.forget(row.messageId);
    this.removeRow(row);
  }

  private removeRow(row: NotifyRow): void {
    this.latest.end(row.token);
    this.places.cancel(row);
    this.engine.notifies.remove(row.messageId);
    this.events.roomFreed(row.service);
  }
}

const absentKey = (consumerId: string): string => `absent ${consumerId}`;
