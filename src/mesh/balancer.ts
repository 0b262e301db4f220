import type { RouteRow } from '../engine/rows.js';
import type { Clock } from '../support/clock.js';
import { nameHash } from '../support/name-hash.js';
import { consumerKey } from './consumer-key.js';
import {
  FULL_ROOM_PERCENT,
  knownRoom,
  LOAD_MEMORY_MS,
  type RouteOrder,
  type TakeBack,
} from './route-order.js';

/** Least cost of a message, ms: below it differences in reply time are noise of the network. */
const LEAST_COST_MS = 20;

/** Steps in which loads are told apart, percent. Finer ones are the noise of who asked last. */
const ROOM_STEP_PERCENT = 25;

/** Times so near to each other are the same, as a factor; else all stores that see one figure would follow it. */
const SAME_TIME_FACTOR = Math.SQRT2;

/** Share of the newest time in the cost of a message: one answer that was slow by chance changes little. */
const NEWEST_SHARE = 0.2;

/** Most services, and most consumers of each, whose turns are remembered. */
const REMEMBERED_SERVICES = 1_000;
const REMEMBERED_CONSUMERS = 4_096;

/** What a consumer has been charged for its messages, what for the last one, and when. */
interface Account {
  paid: number;
  readonly cost: number;
  readonly at: number;
}

interface ServiceTurns {
  /** What the consumer that had the last turn had paid before it. */
  latest: number;
  readonly accounts: Map<string, Account>;
}

/**
 * With `interStoreLB`: spreads the messages of a service over all its consumers. Room decides first. Among
 * consumers with the same room turns are taken as in start-time fair queueing: each message costs its
 * consumer the reply time (the read time where nothing was ever replied), and who has paid least is
 * next. Equals share evenly, and one that takes three times as long gets a third.
 *
 * Where all is equal the name of this store decides who is first, so that the stores that see the same
 * figures do not all begin with the same consumer.
 */
export class Balancer implements RouteOrder {
  private readonly services = new Map<string, ServiceTurns>();

  constructor(
    private readonly storeName: string,
    private readonly clock: Clock,
  ) {}

  compare(a: RouteRow, b: RouteRow): number {
    return (
      this.roomStep(a) - this.roomStep(b) ||
      this.paidBy(a) - this.paidBy(b) ||
      timeStep(a.replyMs) - timeStep(b.replyMs) ||
      timeStep(a.readMs) - timeStep(b.readMs) ||
      this.place(a) - this.place(b) ||
      a.hopCount - b.hopCount
    );
  }

  /** Charged at once, not when the answer is there: offers made meanwhile go to the next. */
  chose(route: RouteRow): TakeBack {
    const turns = this.turnsOf(route.service);
    const key = consumerKey(route.storeName, route.consumerId);
    const before = this.paidBy(route);
    const cost = this.costOf(route);
    turns.latest = before;
    turns.accounts.delete(key);
    turns.accounts.set(key, { paid: before + cost, cost, at: this.clock.now() });
    forgetOldest(turns.accounts, REMEMBERED_CONSUMERS);
    return () => {
      const current = turns.accounts.get(key);
      if (current !== undefined) current.paid -= cost;
    };
  }

  private roomStep(route: RouteRow): number {
    const room = Math.min(FULL_ROOM_PERCENT, knownRoom(route, this.clock.now()));
    return Math.floor(room / ROOM_STEP_PERCENT);
  }

  /** One that is new, or had no turn for long, takes its turn now and need not catch up. */
  private paidBy(route: RouteRow): number {
    const latest = this.services.get(route.service)?.latest ?? 0;
    return Math.max(this.accountOf(route)?.paid ?? latest, latest);
  }

  private costOf(route: RouteRow): number {
    const newest = Math.max(LEAST_COST_MS, route.replyMs > 0 ? route.replyMs : route.readMs);
    const before = this.accountOf(route)?.cost ?? newest;
    return before + (newest - before) * NEWEST_SHARE;
  }

  /** What a slow answer cost is forgotten after a while: it says nothing of now. */
  private accountOf(route: RouteRow): Account | undefined {
    const key = consumerKey(route.storeName, route.consumerId);
    const account = this.services.get(route.service)?.accounts.get(key);
    if (account === undefined || this.clock.now() - account.at > LOAD_MEMORY_MS) return undefined;
    return account;
  }

  private place(route: RouteRow): number {
    return nameHash(this.storeName, route.storeName, route.consumerId);
  }

  private turnsOf(service: string): ServiceTurns {
    const turns = this.services.get(service) ?? { latest: 0, accounts: new Map<string, Account>() };
    this.services.delete(service);
    this.services.set(service, turns);
    forgetOldest(this.services, REMEMBERED_SERVICES);
    return turns;
  }
}

function timeStep(ms: number): number {
  return Math.round(Math.log(Math.max(LEAST_COST_MS, ms)) / Math.log(SAME_TIME_FACTOR));
}

function forgetOldest(map: Map<string, unknown>, most: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= most) return;
    map.delete(oldest);
  }
}
