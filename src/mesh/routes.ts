import type { RouteRow } from '../engine/rows.js';
import { routeKey, type RouteTable } from '../engine/route-table.js';
import type { Advertise, Load } from '../protocol/verbs.js';
import type { Clock } from '../support/clock.js';
import { Freshness, isWithdrawal, markOf, type Mark, type Verdict } from './freshness.js';
import type { Neighbour } from './neighbours.js';
import { consumerKey } from './consumer-key.js';
import { inTurns } from './in-turns.js';
import { neighbourOf } from './offer-choice.js';
import { FULL_ROOM_PERCENT } from './route-order.js';

/** Most stores on a way, the origin's included: longer ones are mistakes (DESIGN.md, "Routes"). */
export const HOP_LIMIT = 16;

/** Most routes that one neighbour may teach: a flood of registrations must not fill the memory. */
export const MAX_ROUTES_PER_NEIGHBOUR = 20_000;

/** Most routes in all: about 100 MB. */
export const MAX_ROUTES = 100_000;

/** What an advertisement did to the routes. */
export type Learned =
  | { readonly kind: 'learned' }
  | { readonly kind: 'withdrawn'; readonly gone: readonly RouteRow[] }
  /** Nothing to learn from it, as is usual in a mesh with more than one way. */
  | { readonly kind: 'ignored' }
  /** It cannot be right, or is too much: a person should know. */
  | { readonly kind: 'refused'; readonly why: string };

const IGNORED: Learned = { kind: 'ignored' };

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

  /** Records what a neighbour says of a consumer. */
  learn(advert: Advertise, from: Neighbour): Learned {
    const { storeName } = advert.origin;
    if (storeName === this.ownName) return IGNORED;
    if (isWithdrawal(advert)) return this.withdraw(advert, from);
    const throughThisStore = advert.stamp?.path.includes(this.ownName) === true;
    if (throughThisStore || advert.hopCount > HOP_LIMIT) return this.forgetOne(advert, from);

    const known = this.find(storeName, advert.consumerId, from.link);
    const tooMany = known === undefined ? this.tooManyFrom(from) : undefined;
    if (tooMany !== undefined) return { kind: 'refused', why: tooMany };
    const verdict = this.freshness.judge(consumerKey(storeName, advert.consumerId), advert, this.clock.now());
    if (verdict.novelty === 'stale') return IGNORED;
    if (known === undefined) {
      this.table.insert(this.rowOf(advert, from, verdict));
    } else if (known.service === advert.service) {
      this.renew(known, advert, verdict);
    } else {
      this.remove(known);
      this.table.insert(this.rowOf(advert, from, verdict));
    }
    return { kind: 'learned' };
  }

  private tooManyFrom(from: Neighbour): string | undefined {
    if (this.table.countVia(from.link) >= MAX_ROUTES_PER_NEIGHBOUR) {
      return `it has taught ${MAX_ROUTES_PER_NEIGHBOUR} routes, and no more are taken`;
    }
    return this.table.size >= MAX_ROUTES
      ? `${MAX_ROUTES} routes are known, and no more are taken`
      : undefined;
  }

  private rowOf(advert: Advertise, from: Neighbour, verdict: Verdict): RouteRow {
    return {
      service: advert.service,
      consumerId: advert.consumerId,
      storeName: advert.origin.storeName,
      storeHost: advert.origin.address.host,
      storePort: advert.origin.address.port,
      direction: from.side,
      via: from.link,
      viaHost: from.address.host,
      viaPort: from.address.port,
      hopCount: advert.hopCount,
      expiresEpochS: advert.expiresEpochS,
      expiresAt: verdict.expiresAt,
      loadAt: this.clock.now(),
      room: advert.load?.room ?? 0,
      readMs: advert.load?.readMs ?? 0,
      replyMs: advert.load?.replyMs ?? 0,
      bootId: markOf(advert)?.bootId ?? '',
      counter: markOf(advert)?.counter ?? 0,
      path: JSON.stringify(pathOf(advert)),
    };
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

  /** A consumer of this store is gone. @param mark the store's own word of it, which others hear */
  removeLocal(consumerId: string, mark: Mark): void {
    const known = this.find(this.ownName, consumerId, 'local');
    if (known === undefined) return;
    this.freshness.noteGone(consumerKey(this.ownName, consumerId), mark, this.clock.now());
    this.remove(known);
  }

  /** The word of its own store that a consumer is gone; undefined where only ways to it are lost. */
  goneMark(storeName: string, consumerId: string): Mark | undefined {
    return this.freshness.goneMark(consumerKey(storeName, consumerId));
  }

  /**
   * Forgets what was learned from a neighbour.
   * @param keepBoot words of this start are kept: the neighbour has restarted and said them since
   * @returns the routes that are gone.
   */
  dropVia(link: string, keepBoot?: string): readonly RouteRow[] {
    const gone = this.table.via(link).filter((row) => keepBoot === undefined || row.bootId !== keepBoot);
    this.retire(gone);
    return gone;
  }

  /** Forgets what has outlived its lifetime. @returns the routes that are gone. */
  expire(): readonly RouteRow[] {
    const now = this.clock.now();
    const gone = this.table.rows().filter((row) => row.expiresAt <= now);
    this.retire(gone);
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

  /** Number of routes through a neighbour's link. */
  countVia(link: string): number {
    return this.table.countVia(link);
  }

  /** Routes to the consumers of this very store. */
  local(): readonly RouteRow[] {
    return this.table.via('local');
  }

  /** Whether a row still stands for a route. */
  isKnown(row: RouteRow): boolean {
    return this.find(row.storeName, row.consumerId, row.via) === row;
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

  /** Nobody uses them from now on; to take them out may take longer than everything else can wait. */
  private retire(rows: readonly RouteRow[]): void {
    this.table.retire(rows);
    inTurns(rows, this.clock, (row) => {
      this.table.sweepOut(row);
    });
  }

  private renew(row: RouteRow, advert: Advertise, { novelty, expiresAt }: Verdict): void {
    // What circles in a ring of 3.0.5 stores comes again and again with the same `ttl`, each time from further away.
    const repeated =
      markOf(advert) === undefined && novelty === 'known' && row.expiresEpochS === advert.expiresEpochS;
    if (!repeated) {
      row.hopCount = advert.hopCount;
      row.expiresEpochS = advert.expiresEpochS;
      row.expiresAt = expiresAt;
      row.bootId = markOf(advert)?.bootId ?? '';
      row.counter = markOf(advert)?.counter ?? 0;
      row.path = JSON.stringify(pathOf(advert));
    }
    if (advert.load === undefined) return;
    row.room = advert.load.room;
    row.readMs = advert.load.readMs;
    row.replyMs = advert.load.replyMs;
    row.loadAt = this.clock.now();
  }

  /** The consumer itself is gone (its own store says so: no way leads to it), or only this way to it. */
  private withdraw(advert: Advertise, from: Neighbour): Learned {
    if (markOf(advert) === undefined) return this.forgetOne(advert, from);
    const { storeName } = advert.origin;
    const key = consumerKey(storeName, advert.consumerId);
    if (this.freshness.judge(key, advert, this.clock.now(), true).novelty !== 'news') return IGNORED;
    const gone = this.table.ofConsumer(storeName, advert.consumerId);
    for (const row of gone) this.remove(row);
    return { kind: 'withdrawn', gone };
  }

  private forgetOne(advert: Advertise, from: Neighbour): Learned {
    const row = this.find(advert.origin.storeName, advert.consumerId, from.link);
    if (row === undefined) return { kind: 'withdrawn', gone: [] };
    this.remove(row);
    return { kind: 'withdrawn', gone: [row] };
  }
}

/** The stores that an advertisement passed; of one from a 3.0.5 store the two that it names. */
function pathOf({ stamp, origin, passedOnBy }: Advertise): readonly string[] {
  if (stamp !== undefined) return stamp.path;
  return passedOnBy === '' || passedOnBy === origin.storeName
    ? [origin.storeName]
    : [origin.storeName, passedOnBy];
}
