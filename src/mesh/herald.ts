import type { RouteRow } from '../engine/rows.js';
import type { Advertise, Heading } from '../protocol/verbs.js';
import { sameAddress } from '../protocol/address.js';
import type { Clock } from '../support/clock.js';
import { AdvertisementQueue } from './advertisement-queue.js';
import { consumerKey } from './consumer-key.js';
import type { Identity } from './identity.js';
import { inTurns } from './in-turns.js';
import { speaksVersion4, type Neighbour, type Neighbours } from './neighbours.js';
import { neighbourOf } from './offer-choice.js';
import type { RelayRule } from './relay-rule.js';
import { storesPassed } from './route-path.js';
import { HOP_LIMIT, type Routes } from './routes.js';
import type { ServicePolicy } from './service-policy.js';

/** The `ttl` of a withdrawal: any value so small is one (DESIGN.md, "Routes"). */
const WITHDRAWN_EPOCH_S = 1;

/** What a herald tells, and to whom. */
export interface HeraldOptions {
  readonly self: Identity;
  readonly rule: RelayRule;
  /** Which services others may hear of. */
  readonly policy: ServicePolicy;
  /** Whether only stores that speak version 4 are told. */
  readonly onlyVersion4: boolean;
}

/** What a neighbour was told of a consumer. */
interface Told {
  readonly news: string;
  readonly advert: Advertise;
}

/**
 * Tells each neighbour of each consumer exactly what it may know and has not been told yet, and takes
 * back what is no longer so (DEFECTS 25, 26).
 */
export class Herald {
  /** What each neighbour has been told: neighbour → consumer → the last word. */
  private readonly told = new Map<Neighbour, Map<string, Told>>();
  private readonly queues = new Map<Neighbour, AdvertisementQueue>();
  /** Counts what was said, to whomever. */
  private counter = 0;
  private closed = false;

  constructor(
    private readonly options: HeraldOptions,
    private readonly neighbours: Neighbours,
    private readonly routes: Routes,
    private readonly clock: Clock,
    private readonly send: (neighbour: Neighbour, advert: Advertise) => Promise<void>,
  ) {}

  /** Every neighbour, of one consumer. */
  tellAll(storeName: string, consumerId: string): void {
    const ranked = this.ranked(storeName, consumerId);
    for (const neighbour of this.neighbours.all()) this.tell(neighbour, storeName, consumerId, ranked);
  }

  /** Every neighbour, of many consumers. */
  tellAllOf(rows: readonly RouteRow[]): void {
    inTurns(rows, this.clock, ({ storeName, consumerId }) => {
      this.tellAll(storeName, consumerId);
    });
  }

  /** One neighbour, of every consumer. */
  tellEverything(neighbour: Neighbour): void {
    inTurns([...this.routes.all()], this.clock, ({ storeName, consumerId }) => {
      this.tell(neighbour, storeName, consumerId, this.ranked(storeName, consumerId), true);
    });
  }

  /** Routes to a consumer that others may hear of, the shortest first. */
  private ranked(storeName: string, consumerId: string): readonly RouteRow[] {
    return this.routes
      .ofConsumer(storeName, consumerId)
      .filter((row) => row.hopCount < HOP_LIMIT)
      .sort((a, b) => a.hopCount - b.hopCount);
  }

  /** Compares what a neighbour may know of a consumer with what it was told, and queues the difference. */
  private tell(
    neighbour: Neighbour,
    storeName: string,
    consumerId: string,
    ranked: readonly RouteRow[],
    joining = false,
  ): void {
    // One that is away is told everything when it is back.
    if (this.closed || !neighbour.reachable) return;
    if (this.options.onlyVersion4 && !speaksVersion4(neighbour)) return;
    const key = consumerKey(storeName, consumerId);
    const told = this.toldTo(neighbour);
    const former = told.get(key);
    const route = ranked.find((row) => this.mayHear(neighbour, row));
    if (route === undefined) {
      if (former === undefined) return;
      told.delete(key);
      this.say(neighbour, key, this.withdrawalOf(former.advert));
      return;
    }
    const news = newsOf(route, neighbour);
    if (former?.news === news) return;
    const withLoad = route.direction !== 'local' || (joining && neighbour.side === 'south');
    const advert = this.describeRoute(route, neighbour.side, withLoad);
    told.set(key, { news, advert });
    this.say(neighbour, key, advert);
  }

  private say(neighbour: Neighbour, key: string, advert: Advertise): void {
    this.counter += 1;
    const turn = { bootId: this.options.self.capabilities.bootId, counter: this.counter };
    this.queueFor(neighbour).put(key, { ...advert, turn });
  }

  /** Whether the relay rule lets a neighbour hear of a route, and it does not lead through that neighbour itself. */
  private mayHear(neighbour: Neighbour, row: RouteRow): boolean {
    if (row.storeName === neighbour.storeName) return false;
    const { policy, rule } = this.options;
    if (!(row.direction === 'local' ? policy.mayOffer(row.service) : policy.mayCarry(row.service)))
      return false;
    if (row.direction !== 'local' && neighbourOf(row) === neighbour.key) return false;
    if (sameAddress({ host: row.storeHost, port: row.storePort }, neighbour.address)) return false;
    if (neighbour.storeName !== undefined && storesPassed(row).includes(neighbour.storeName)) return false;
    return rule({ direction: row.direction, redistribute: this.redistributes(row) }, neighbour.side);
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
    const { self } = this.options;
    return {
      verb: 'advertise',
      heading,
      service: row.service,
      consumerId: row.consumerId,
      origin: { storeName: row.storeName, address: { host: row.storeHost, port: row.storePort } },
      passedOnBy: self.storeName,
      via: self.address,
      hopCount: heading === 'local' ? 0 : row.hopCount + 1,
      expiresEpochS: row.expiresEpochS,
      load: withLoad ? { room: row.room, readMs: row.readMs, replyMs: row.replyMs } : undefined,
      stamp: {
        bootId: row.bootId,
        counter: row.counter,
        path: [...storesPassed(row), self.storeName],
      },
    };
  }

  /**
   * The last word again with an expiry long past (DESIGN.md, "Routes"). Where the consumer's own store
   * said that it is gone, its mark goes along: nobody then tries the ways that are still told around.
   */
  private withdrawalOf(former: Advertise): Advertise {
    const gone = this.routes.goneMark(former.origin.storeName, former.consumerId);
    const stamp = gone === undefined ? undefined : { path: former.stamp?.path ?? [], ...gone };
    return { ...former, expiresEpochS: WITHDRAWN_EPOCH_S, stamp };
  }

  private toldTo(neighbour: Neighbour): Map<string, Told> {
    const known = this.told.get(neighbour);
    if (known !== undefined) return known;
    const made = new Map<string, Told>();
    this.told.set(neighbour, made);
    return made;
  }

  private queueFor(neighbour: Neighbour): AdvertisementQueue {
    const known = this.queues.get(neighbour);
    if (known !== undefined) return known;
    const made = new AdvertisementQueue(
      this.clock,
      () => speaksVersion4(neighbour),
      (advert) => this.send(neighbour, advert),
    );
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

/**
 * What makes a word about a route new to whoever has heard the last one. A 3.0.5 store cannot tell
 * ways apart and passes on whatever it hears, so that it hears each `ttl` once.
 */
function newsOf(route: RouteRow, to: Neighbour): string {
  if (!speaksVersion4(to)) return String(route.expiresEpochS);
  return `${route.bootId}\n${route.counter}\n${route.expiresEpochS}\n${route.path}`;
}
