import type { RouteRow } from '../engine/rows.js';
import type { Advertise, Heading } from '../protocol/verbs.js';
import { sameAddress } from '../protocol/address.js';
import type { Clock } from '../support/clock.js';
import { AdvertisementQueue } from './advertisement-queue.js';
import { consumerKey } from './consumer-key.js';
import type { Identity } from './identity.js';
import type { Neighbour, Neighbours } from './neighbours.js';
import { neighbourOf } from './offer-choice.js';
import { mayPassOn } from './relay-rule.js';
import type { Routes } from './routes.js';

/** The `ttl` of a withdrawal: any value so small is one (DESIGN.md, "Routes"). */
const WITHDRAWN_EPOCH_S = 1;

/**
 * Tells each neighbour of each consumer exactly what it may know and has not been told yet, and takes
 * back what is no longer so (DEFECTS 25, 26).
 */
export class Herald {
  /** What each neighbour has been told, by the news it was told with: neighbour → consumer → news. */
  private readonly told = new Map<Neighbour, Map<string, string>>();
  private readonly queues = new Map<Neighbour, AdvertisementQueue>();
  private closed = false;

  constructor(
    private readonly self: Identity,
    private readonly neighbours: Neighbours,
    private readonly routes: Routes,
    private readonly clock: Clock,
    private readonly send: (neighbour: Neighbour, advert: Advertise) => Promise<void>,
    /** The next count of this store's own news. */
    private readonly nextCounter: () => number,
  ) {}

  /** Every neighbour, of one consumer. */
  tellAll(storeName: string, consumerId: string): void {
    for (const neighbour of this.neighbours.all()) this.tell(neighbour, storeName, consumerId);
  }

  /** One neighbour, of every consumer. */
  tellEverything(neighbour: Neighbour): void {
    for (const row of this.routes.all()) this.tell(neighbour, row.storeName, row.consumerId, true);
  }

  /** Compares what a neighbour may know of a consumer with what it was told, and queues the difference. */
  private tell(neighbour: Neighbour, storeName: string, consumerId: string, joining = false): void {
    // One that is away is told everything when it is back.
    if (this.closed || !neighbour.reachable) return;
    const key = consumerKey(storeName, consumerId);
    const told = this.toldTo(neighbour);
    const route = this.routeToTell(neighbour, storeName, consumerId);
    const news = route === undefined ? undefined : newsOf(route);
    if (told.get(key) === news) return;
    if (route !== undefined && news !== undefined) {
      told.set(key, news);
      const withLoad = route.direction !== 'local' || (joining && neighbour.side === 'south');
      this.queueFor(neighbour).put(key, this.describeRoute(route, neighbour.side, withLoad));
      return;
    }
    told.delete(key);
    const former = this.queueFor(neighbour).lastPut(key);
    if (former !== undefined) this.queueFor(neighbour).put(key, this.withdrawalOf(former));
  }

  /** The best route that a neighbour may hear of: allowed by the relay rule, and not through itself. */
  private routeToTell(neighbour: Neighbour, storeName: string, consumerId: string): RouteRow | undefined {
    if (storeName === neighbour.storeName) return undefined;
    const { policy } = this.self;
    let best: RouteRow | undefined;
    for (const row of this.routes.ofConsumer(storeName, consumerId)) {
      if (neighbourOf(row) === neighbour.key && row.direction !== 'local') continue;
      if (!(row.direction === 'local' ? policy.mayOffer(row.service) : policy.mayCarry(row.service)))
        continue;
      if (sameAddress({ host: row.storeHost, port: row.storePort }, neighbour.address)) continue;
      if (neighbour.storeName !== undefined && pathOf(row).includes(neighbour.storeName)) continue;
      const redistribute = this.redistributes(row);
      if (!mayPassOn({ direction: row.direction, redistribute }, neighbour.side)) continue;
      if (best === undefined || row.hopCount < best.hopCount) best = row;
    }
    return best;
  }

  private redistributes(row: RouteRow): boolean {
    if (row.direction !== 'north') return false;
    return this.neighbours.findNorth({ host: row.viaHost, port: row.viaPort })?.redistribute ?? false;
  }

  /**
   * A route as it is told to others. 3.0.5 gives the load with rows of its table, not with the fresh
   * word of its own consumers (WIRE 3).
   */
  describeRoute(row: RouteRow, heading: Heading, withLoad: boolean): Advertise {
    return {
      verb: 'advertise',
      heading,
      service: row.service,
      consumerId: row.consumerId,
      origin: { storeName: row.storeName, address: { host: row.storeHost, port: row.storePort } },
      passedOnBy: this.self.storeName,
      via: this.self.address,
      hopCount: heading === 'local' ? 0 : row.hopCount + 1,
      expiresEpochS: row.expiresEpochS,
      load: withLoad ? { room: row.room, readMs: row.readMs, replyMs: row.replyMs } : undefined,
      stamp:
        row.bootId === ''
          ? undefined
          : { bootId: row.bootId, counter: row.counter, path: [...pathOf(row), this.self.storeName] },
    };
  }

  /** The last word again with an expiry long past; from the origin also with a newer count (DESIGN.md, "Routes"). */
  private withdrawalOf(former: Advertise): Advertise {
    const own = former.origin.storeName === this.self.storeName;
    const stamp =
      own && former.stamp !== undefined ? { ...former.stamp, counter: this.nextCounter() } : undefined;
    return { ...former, expiresEpochS: WITHDRAWN_EPOCH_S, stamp };
  }

  private toldTo(neighbour: Neighbour): Map<string, string> {
    const known = this.told.get(neighbour);
    if (known !== undefined) return known;
    const made = new Map<string, string>();
    this.told.set(neighbour, made);
    return made;
  }

  private queueFor(neighbour: Neighbour): AdvertisementQueue {
    const known = this.queues.get(neighbour);
    if (known !== undefined) return known;
    const made = new AdvertisementQueue(this.clock, (advert) => this.send(neighbour, advert));
    this.queues.set(neighbour, made);
    return made;
  }

  /** What the neighbour was told counts no more: it has started anew, and must hear everything again. */
  forget(neighbour: Neighbour): void {
    this.told.delete(neighbour);
  }

  /** Nothing more goes to the neighbour: it is away. */
  abandon(neighbour: Neighbour): void {
    this.told.delete(neighbour);
    this.queues.get(neighbour)?.close();
    this.queues.delete(neighbour);
  }

  /** Fulfilled when everything was said. */
  async drained(): Promise<void> {
    await Promise.all([...this.queues.values()].map((queue) => queue.drained()));
  }

  close(): void {
    this.closed = true;
    for (const queue of this.queues.values()) queue.close();
  }
}

/** What makes a word about a route new to whoever has heard the last one. */
function newsOf(route: RouteRow): string {
  return `${route.bootId}\n${route.counter}\n${route.expiresEpochS}\n${route.path}`;
}

function pathOf(route: RouteRow): readonly string[] {
  if (route.path === '') return [];
  const parsed: unknown = JSON.parse(route.path);
  return Array.isArray(parsed) ? parsed.filter((entry) => typeof entry === 'string') : [];
}
