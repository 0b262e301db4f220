import type { RouteRow } from '../engine/rows.js';
import { routeKey, type RouteTable } from '../engine/route-table.js';
import type { Advertise, Load } from '../protocol/verbs.js';
import type { Clock } from '../support/clock.js';
import { Freshness, WITHDRAWAL_BELOW_EPOCH_S, type Novelty } from './freshness.js';
import type { Neighbour } from './neighbours.js';
import { consumerKey } from './consumer-key.js';
import { neighbourOf } from './offer-choice.js';
import { FULL_ROOM_PERCENT } from './route-order.js';

/** Most stores on a way, the origin's included: longer ones are mistakes (DESIGN.md, "Routes"). */
export const HOP_LIMIT = 16;

/** Most routes that one neighbour may teach: a flood of registrations must not fill the memory. */
export const MAX_ROUTES_PER_NEIGHBOUR = 20_000;

/** What an advertisement did to the routes. */
export type Learned =
  | { readonly kind: 'learned'; readonly novelty: Novelty; readonly key: string; readonly isNew: boolean }
  | { readonly kind: 'withdrawn'; readonly key: string; readonly gone: readonly RouteRow[] }
  | { readonly kind: 'ignored'; readonly why: string };

/**
 * All ways to all consumers, one row per consumer and neighbour. The rows live in the engine; this
 * says which of them an advertisement makes, renews or ends.
 */
export class Routes {
  private readonly freshness = new Freshness();

  constructor(
    private readonly table: RouteTable,
    private readonly ownName: string,
    private readonly clock: Clock,
  ) {}

  /** Records what a neighbour says of a consumer. `direction` is the side that the neighbour lies on. */
  learn(advert: Advertise, from: Neighbour): Learned {
    const { storeName, address } = advert.origin;
    if (storeName === this.ownName) return { kind: 'ignored', why: 'a route to this store itself' };
    if (advert.hopCount > HOP_LIMIT) return { kind: 'ignored', why: 'the hop limit' };
    if (advert.stamp?.path.includes(this.ownName)) return this.forgetOne(advert, from);
    if (advert.expiresEpochS < WITHDRAWAL_BELOW_EPOCH_S) return this.withdraw(advert, from);

    const key = consumerKey(storeName, advert.consumerId);
    const novelty = this.freshness.judge(key, advert, this.clock.now());
    if (novelty === 'stale') return { kind: 'ignored', why: 'older news than known' };
    const known = this.find(storeName, advert.consumerId, from.link);
    if (known === undefined && this.table.via(from.link).length >= MAX_ROUTES_PER_NEIGHBOUR) {
      return { kind: 'ignored', why: `more than ${MAX_ROUTES_PER_NEIGHBOUR} routes from ${from.key}` };
    }
    if (known !== undefined && known.service === advert.service && known.direction === from.side) {
      this.renew(known, advert, key);
      return { kind: 'learned', novelty, key, isNew: false };
    }
    if (known !== undefined) this.remove(known);
    const load = advert.load;
    this.table.insert({
      service: advert.service,
      consumerId: advert.consumerId,
      storeName,
      storeHost: address.host,
      storePort: address.port,
      direction: from.side,
      via: from.link,
      viaHost: from.address.host,
      viaPort: from.address.port,
      hopCount: advert.hopCount,
      expiresEpochS: advert.expiresEpochS,
      expiresAt: this.freshness.expiresAt(key),
      loadAt: this.clock.now(),
      room: load?.room ?? 0,
      readMs: load?.readMs ?? 0,
      replyMs: load?.replyMs ?? 0,
      bootId: advert.stamp?.bootId ?? '',
      counter: advert.stamp?.counter ?? 0,
      path: advert.stamp === undefined ? '' : JSON.stringify(advert.stamp.path),
    });
    return { kind: 'learned', novelty, key, isNew: true };
  }

  /** A consumer attached to this store. */
  addLocal(
    row: Omit<
      RouteRow,
      'direction' | 'via' | 'expiresAt' | 'loadAt' | 'hopCount' | 'room' | 'readMs' | 'replyMs'
    >,
  ): void {
    const known = this.find(row.storeName, row.consumerId, 'local');
    if (known !== undefined) this.remove(known);
    this.table.insert({
      ...row,
      direction: 'local',
      via: 'local',
      hopCount: 0,
      expiresAt: Infinity,
      loadAt: this.clock.now(),
      room: 0,
      readMs: 0,
      replyMs: 0,
    });
  }

  removeLocal(consumerId: string): void {
    const known = this.find(this.ownName, consumerId, 'local');
    if (known !== undefined) this.remove(known);
  }

  /** Forgets all that was learned from a neighbour. @returns the routes that are gone. */
  dropVia(link: string): readonly RouteRow[] {
    const gone = this.table.via(link);
    for (const row of gone) this.remove(row);
    return gone;
  }

  /** Forgets what has outlived its lifetime. @returns the routes that are gone. */
  expire(): readonly RouteRow[] {
    const now = this.clock.now();
    const gone = this.table.rows().filter((row) => row.expiresAt <= now);
    for (const row of gone) this.remove(row);
    this.freshness.sweep(now);
    return gone;
  }

  /** Notes a load figure that passed by, on every route to the consumer. */
  noteLoad(consumerId: string, storeName: string | undefined, service: string, change: Partial<Load>): void {
    for (const row of this.table.ofService(service)) {
      if (row.consumerId !== consumerId || (storeName !== undefined && row.storeName !== storeName)) continue;
      if (change.room !== undefined) row.room = change.room;
      if (change.readMs !== undefined) row.readMs = change.readMs;
      if (change.replyMs !== undefined) row.replyMs = change.replyMs;
      row.loadAt = this.clock.now();
    }
  }

  /** A neighbour had no room for the service anywhere behind it. */
  noteRefusal(service: string, neighbourKey: string): void {
    for (const row of this.table.ofService(service)) {
      if (neighbourOf(row) !== neighbourKey) continue;
      row.room = FULL_ROOM_PERCENT;
      row.loadAt = this.clock.now();
    }
  }

  /** A neighbour that had no room has some again. */
  noteVacancy(service: string, neighbourKey: string, room: number): void {
    for (const row of this.table.ofService(service)) {
      if (neighbourOf(row) !== neighbourKey || row.room < FULL_ROOM_PERCENT) continue;
      row.room = room;
      row.loadAt = this.clock.now();
    }
  }

  ofService(service: string): readonly RouteRow[] {
    return this.table.ofService(service);
  }

  ofConsumer(storeName: string, consumerId: string): readonly RouteRow[] {
    return this.table.ofConsumer(storeName, consumerId);
  }

  all(): Iterable<RouteRow> {
    return this.table.rows();
  }

  /** Names of all services with a way to them, each once. */
  services(): readonly string[] {
    return this.table.services();
  }

  private find(storeName: string, consumerId: string, via: string): RouteRow | undefined {
    return this.table.get(routeKey(storeName, consumerId, via));
  }

  private remove(row: RouteRow): void {
    this.table.remove(routeKey(row.storeName, row.consumerId, row.via));
  }

  private renew(row: RouteRow, advert: Advertise, key: string): void {
    row.hopCount = advert.hopCount;
    row.expiresEpochS = advert.expiresEpochS;
    row.expiresAt = this.freshness.expiresAt(key);
    row.bootId = advert.stamp?.bootId ?? '';
    row.counter = advert.stamp?.counter ?? 0;
    row.path = advert.stamp === undefined ? '' : JSON.stringify(advert.stamp.path);
    if (advert.load === undefined) return;
    row.room = advert.load.room;
    row.readMs = advert.load.readMs;
    row.replyMs = advert.load.replyMs;
    row.loadAt = this.clock.now();
  }

  /** The consumer itself is gone (stamped by its origin: every older word of it is stale), or only this way to it. */
  private withdraw(advert: Advertise, from: Neighbour): Learned {
    if (advert.stamp !== undefined) {
      const key = consumerKey(advert.origin.storeName, advert.consumerId);
      if (this.freshness.judge(key, advert, this.clock.now()) === 'stale') {
        return { kind: 'ignored', why: 'an old withdrawal' };
      }
    }
    return this.forgetOne(advert, from);
  }

  private forgetOne(advert: Advertise, from: Neighbour): Learned {
    const key = consumerKey(advert.origin.storeName, advert.consumerId);
    const row = this.find(advert.origin.storeName, advert.consumerId, from.link);
    if (row === undefined) return { kind: 'withdrawn', key, gone: [] };
    this.remove(row);
    return { kind: 'withdrawn', key, gone: [row] };
  }
}
