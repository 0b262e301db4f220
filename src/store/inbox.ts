import type { Engine } from '../engine/engine.js';
import type { NotifyRow } from '../engine/rows.js';
import type { EntryTerms, LocalDesk } from '../mesh/offer-pump.js';
import type { OfferDesk } from '../mesh/offer-relay.js';
import { FULL_ROOM_PERCENT } from '../mesh/route-order.js';
import type { Confirm, MessageMeta, Offer, OfferedMessage } from '../protocol/verbs.js';
import type { Clock } from '../support/clock.js';
import type { DeadlineHeap } from '../support/deadline-heap.js';
import type { ErrorCode } from '../support/errors.js';
import { takesAnotherWay } from './another-way.js';
import type { AttachedConsumer, MessageEnd } from './contract.js';

/** How long an offer that was answered with yes keeps its place without a confirmation, ms (DESIGN.md). */
export const HELD_OFFER_MS = 5_000;

/**
 * How long a message counts against the in-transit limit where its producer's store did not say how
 * long it waits, ms: the default time limit of a 3.0.5 producer. A reply is still delivered later.
 */
export const UNKNOWN_DEADLINE_MS = 300_000;

/** How many messages that have ended are remembered, to tell a second reply from one to a wrong id. */
const REMEMBERED_ENDS = 1_000;

/** What the consumers' side tells its store. */
export interface InboxEvents {
  /** A consumer of the service has room again. */
  roomFreed(service: string): void;
}

interface Held {
  readonly consumerId: string;
}

/**
 * The consumers attached to this store and the messages assigned to them: never more than fit their
 * in-transit limits, whatever comes at the same moment (DEFECTS 3, 4).
 */
export class Inbox implements OfferDesk, LocalDesk {
  private readonly consumers = new Map<string, AttachedConsumer>();
  private readonly held = new Map<string, Held>();
  private readonly heldPer = new Map<string, number>();
  /** Messages that no longer count because their producer has surely given up. */
  private readonly lapsed = new Map<string, Set<string>>();
  private readonly ends = new Map<string, MessageEnd>();
  private readonly lastServed = new Map<string, number>();
  private servings = 0;
  private sequence = 0;

  constructor(
    private readonly engine: Engine,
    private readonly deadlines: DeadlineHeap,
    private readonly clock: Clock,
    private readonly events: InboxEvents,
  ) {
    engine.notifies.onInsert((row) => this.consumers.get(row.consumerId)?.wake());
  }

  attach(consumer: AttachedConsumer): void {
    this.consumers.set(consumer.id, consumer);
    this.engine.consumers.remove(consumer.id);
    this.engine.consumers.insert({
      consumerId: consumer.id,
      service: consumer.service,
      inTransitLimit: consumer.inTransitLimit,
    });
    this.events.roomFreed(consumer.service);
  }

  /** @returns whether it was attached: a redeployed node may have taken its place already. */
  detach(consumer: AttachedConsumer): boolean {
    if (this.consumers.get(consumer.id) !== consumer) return false;
    this.consumers.delete(consumer.id);
    this.engine.consumers.remove(consumer.id);
    this.lastServed.delete(consumer.id);
    for (const row of this.engine.notifies.ofConsumer(consumer.id)) {
      // A reply that is kept goes on without its consumer.
      if (row.state !== 'replying') this.remove(row);
    }
    this.lapsed.delete(consumer.id);
    return true;
  }

  consumer(consumerId: string): AttachedConsumer | undefined {
    return this.consumers.get(consumerId);
  }

  // --- places ---------------------------------------------------------------------------------

  serves(service: string): boolean {
    return this.engine.consumers.ofService(service).length > 0;
  }

  /** The attached consumer of the service with the most room; of equals the one served longest ago. */
  pick(service: string): string | undefined {
    let best: { id: string; room: number; served: number } | undefined;
    for (const { consumerId: id } of this.engine.consumers.ofService(service)) {
      const candidate = { id, room: this.room(id), served: this.lastServed.get(id) ?? 0 };
      if (candidate.room >= FULL_ROOM_PERCENT) continue;
      const better =
        best === undefined ||
        candidate.room < best.room ||
        (candidate.room === best.room && candidate.served < best.served);
      if (better) best = candidate;
    }
    if (best === undefined) return undefined;
    this.servings += 1;
    this.lastServed.set(best.id, this.servings);
    return best.id;
  }

  /** Outstanding over limit, whole percent (WIRE 7, `enm`). */
  room(consumerId: string): number {
    const limit = this.consumers.get(consumerId)?.inTransitLimit ?? 0;
    if (limit <= 0) return FULL_ROOM_PERCENT;
    const used = this.used(consumerId);
    const percent = Math.round((used / limit) * FULL_ROOM_PERCENT);
    // Rounding must not make a free place look taken: 199 of 200 have room for one more.
    return used < limit ? Math.min(percent, FULL_ROOM_PERCENT - 1) : percent;
  }

  private used(consumerId: string): number {
    const lapsed = this.lapsed.get(consumerId)?.size ?? 0;
    return this.engine.notifies.outstanding(consumerId) - lapsed + (this.heldPer.get(consumerId) ?? 0);
  }

  // --- offers of other stores -----------------------------------------------------------------

  hold(offer: Offer): { consumerId: string; room: number } | undefined {
    const accepted = this.engine.notifies.get(offer.messageId);
    if (accepted !== undefined) {
      if (!takesAnotherWay(accepted, offer.path)) return undefined;
      return { consumerId: accepted.consumerId, room: this.room(accepted.consumerId) };
    }
    const again = this.held.get(offer.messageId);
    if (again !== undefined) {
      // The first answer was lost on the way: the place is still there.
      return { consumerId: again.consumerId, room: this.room(again.consumerId) };
    }
    const consumerId = this.pick(offer.service);
    if (consumerId === undefined) return undefined;
    const room = this.room(consumerId);
    this.held.set(offer.messageId, { consumerId });
    this.heldPer.set(consumerId, (this.heldPer.get(consumerId) ?? 0) + 1);
    this.deadlines.set(heldKey(offer.messageId), this.clock.now() + HELD_OFFER_MS, () => {
      if (this.release(offer.messageId)) this.events.roomFreed(offer.service);
    });
    return { consumerId, room };
  }

  confirm(confirm: Confirm): { room: number } | undefined {
    const held = this.held.get(confirm.messageId);
    if (held?.consumerId !== confirm.consumerId) {
      const row = this.engine.notifies.get(confirm.messageId);
      if (row?.consumerId !== confirm.consumerId) return undefined;
      // A repeated confirmation: the first answer was lost. By another way it counts anew.
      if (!takesAnotherWay(row, confirm.path.slice(0, -1))) return { room: this.room(row.consumerId) };
    }
    this.release(confirm.messageId);
    if (!this.consumers.has(confirm.consumerId)) return undefined;
    this.enter(confirm, confirm.consumerId, { sendOnly: false, deadlineInMs: confirm.deadlineInMs });
    return { room: this.room(confirm.consumerId) };
  }

  private release(messageId: string): boolean {
    const held = this.held.get(messageId);
    if (held === undefined) return false;
    this.held.delete(messageId);
    this.deadlines.cancel(heldKey(messageId));
    const left = (this.heldPer.get(held.consumerId) ?? 1) - 1;
    if (left > 0) this.heldPer.set(held.consumerId, left);
    else this.heldPer.delete(held.consumerId);
    return true;
  }

  // --- assignments ----------------------------------------------------------------------------

  enter(message: OfferedMessage, consumerId: string, { sendOnly, deadlineInMs }: EntryTerms): void {
    // A message that comes again after its first assignment was taken back replaces it.
    const former = this.engine.notifies.get(message.messageId);
    if (former !== undefined) this.remove(former);
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
      replyBy: this.clock.now() + (deadlineInMs ?? Infinity),
      state: 'waiting',
      notifyCount: 0,
    });
    if (deadlineInMs === undefined) this.expectEnd(message.messageId, UNKNOWN_DEADLINE_MS);
    else this.endAt(message.messageId, deadlineInMs);
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
      if (meta.sendOnly) this.remember(messageId, 'sendOnly');
      return;
    }
    this.engine.notifies.update(messageId, (changed) => {
      changed.state = 'read';
      changed.sendOnly = meta.sendOnly;
      changed.replyBy = this.clock.now() + (meta.deadlineInMs ?? UNKNOWN_DEADLINE_MS);
    });
    if (meta.sendOnly) {
      this.end(row, 'sendOnly');
      return;
    }
    if (meta.deadlineInMs === undefined) this.expectEnd(messageId, UNKNOWN_DEADLINE_MS);
    else this.endAt(messageId, meta.deadlineInMs);
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
    this.countAgain(row);
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
    for (const messageId of [...this.held.keys()]) this.release(messageId);
  }

  // --- ends -----------------------------------------------------------------------------------

  private endAt(messageId: string, inMs: number): void {
    this.deadlines.set(placeKey(messageId), this.clock.now() + inMs, () => {
      this.expire(messageId);
    });
  }

  /** After so long the message counts no more: its producer has probably given up (DEFECTS 5). */
  private expectEnd(messageId: string, inMs: number): void {
    this.deadlines.set(placeKey(messageId), this.clock.now() + inMs, () => {
      const row = this.engine.notifies.get(messageId);
      if (row === undefined) return;
      const lapsed = this.lapsed.get(row.consumerId) ?? new Set();
      this.lapsed.set(row.consumerId, lapsed);
      if (row.state !== 'replying') lapsed.add(messageId);
      this.trimLapsed(row.consumerId, lapsed);
      this.events.roomFreed(row.service);
    });
  }

  /** What nobody waits for any more is kept for late replies, but not without bound. */
  private trimLapsed(consumerId: string, lapsed: Set<string>): void {
    for (const messageId of lapsed) {
      if (lapsed.size <= REMEMBERED_ENDS) return;
      const row = this.engine.notifies.get(messageId);
      if (row?.consumerId === consumerId) this.remove(row);
      lapsed.delete(messageId);
    }
  }

  private end(row: NotifyRow, how: MessageEnd): void {
    this.remember(row.messageId, how);
    this.remove(row);
  }

  private remember(messageId: string, how: MessageEnd): void {
    this.ends.set(messageId, how);
    for (const oldest of this.ends.keys()) {
      if (this.ends.size <= REMEMBERED_ENDS) break;
      this.ends.delete(oldest);
    }
  }

  private remove(row: NotifyRow): void {
    this.countAgain(row);
    this.engine.notifies.remove(row.messageId);
    this.events.roomFreed(row.service);
  }

  private countAgain(row: NotifyRow): void {
    this.deadlines.cancel(placeKey(row.messageId));
    this.lapsed.get(row.consumerId)?.delete(row.messageId);
  }
}

const heldKey = (messageId: string): string => `held ${messageId}`;
const placeKey = (messageId: string): string => `place ${messageId}`;
