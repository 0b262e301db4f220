import type { ConsumerRow, RouteRow } from '../engine/rows.js';
import type { Address } from '../protocol/address.js';
import { sameAddress } from '../protocol/address.js';
import type { Acknowledged, Advertise, Announce, Capabilities } from '../protocol/verbs.js';
import type { Peers } from '../transport/port.js';
import type { Clock, Timer } from '../support/clock.js';
import { MS_PER_SECOND } from '../support/clock.js';
import type { Log } from '../support/log.js';
import { describe, RedlinkError } from '../support/errors.js';
import { consumerKey } from './consumer-key.js';
import { ADVERTISEMENT_LIFETIME_MS } from './freshness.js';
import type { MeshEvents } from './mesh-events.js';
import type { Neighbour } from './neighbours.js';
import { Neighbours } from './neighbours.js';
import { AdvertisementQueue } from './advertisement-queue.js';
import { mayPassOn } from './relay-rule.js';
import { Routes } from './routes.js';

/** How often a store repeats what it is and offers, ms (WIRE 3). */
export const RESYNC_INTERVAL_MS = 30_000;

/** How often a north peer that is away is tried again, ms: it is back in use within 2 s of its return. */
export const LOST_NORTH_RETRY_MS = 1_000;

/**
 * A south that announces itself earlier than this after the last time, ms, has started anew: the
 * regular interval is 30 s, and a 3.0.5 store says nothing else that would tell.
 */
const RESTARTED_BEFORE_MS = 28_000;

/** The `ttl` of a withdrawal: any value so small is one (DESIGN.md, "Routes"). */
const WITHDRAWN_EPOCH_S = 1;

/** Who this store is, as it says to others. */
export interface Identity {
  readonly storeName: string;
  readonly address: Address;
  /** Whether services that souths announce are accepted and passed on. */
  readonly southInsert: boolean;
  readonly capabilities: Capabilities;
}

/**
 * Keeps the neighbours informed: announces this store to its norths, and tells each neighbour of each
 * consumer exactly what it may know and has not been told yet (DEFECTS 25, 26).
 */
export class Advertiser {
  /** The services that each neighbour has been told, by the news they were told with: neighbour → consumer → news. */
  private readonly told = new Map<Neighbour, Map<string, string>>();
  private readonly queues = new Map<Neighbour, AdvertisementQueue>();
  private counter = 0;
  private resyncTimer: Timer | undefined;
  private probeTimer: Timer | undefined;
  private closed = false;

  constructor(
    private readonly self: Identity,
    private readonly neighbours: Neighbours,
    private readonly routes: Routes,
    private readonly peers: Peers,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly events: MeshEvents,
  ) {}

  /** Announces the store and begins the 30 s rhythm. */
  start(): void {
    for (const north of this.neighbours.north()) void this.announceTo(north);
    this.scheduleResync();
    this.scheduleProbe();
  }

  close(): void {
    this.closed = true;
    this.resyncTimer?.cancel();
    this.probeTimer?.cancel();
    for (const queue of this.queues.values()) queue.close();
  }

  /** Tells every neighbour once more that this store's consumers are gone: before it closes. */
  async withdrawAll(): Promise<void> {
    for (const row of [...this.routes.all()]) {
      if (row.direction !== 'local') continue;
      this.routes.removeLocal(row.consumerId);
      this.tellAll(row.storeName, row.consumerId);
    }
    await Promise.all([...this.queues.values()].map((queue) => queue.drained()));
  }

  /** A consumer has attached to this store, or its word is renewed. */
  offerConsumer(consumer: ConsumerRow): void {
    this.counter += 1;
    this.routes.addLocal({
      service: consumer.service,
      consumerId: consumer.consumerId,
      storeName: this.self.storeName,
      storeHost: this.self.address.host,
      storePort: this.self.address.port,
      viaHost: this.self.address.host,
      viaPort: this.self.address.port,
      expiresEpochS: this.nextExpiry(),
      bootId: this.self.capabilities.bootId,
      counter: this.counter,
      path: '',
    });
    this.tellAll(this.self.storeName, consumer.consumerId);
    const local = this.routes.ofConsumer(this.self.storeName, consumer.consumerId).find(isLocal);
    if (local !== undefined) this.events.localAdvertised(this.describeRoute(local, 'local', undefined));
  }

  /** A consumer has left this store. */
  withdrawConsumer(consumerId: string): void {
    this.routes.removeLocal(consumerId);
    this.tellAll(this.self.storeName, consumerId);
  }

  /** WIRE 3, `direction: store`: a store makes itself known as a south peer. */
  announced(announce: Announce): Acknowledged {
    const now = this.clock.now();
    const added = this.neighbours.addSouth(announce.from, now);
    if (added === undefined) {
      this.log.warn(`too many south peers: ${announce.from.host}:${announce.from.port} is not taken`);
      return { kind: 'acknowledged' };
    }
    const { peer, isNew } = added;
    const bootId = announce.capabilities?.bootId;
    const restarted =
      bootId === undefined ? now - peer.announcedAt < RESTARTED_BEFORE_MS : bootId !== peer.bootId;
    peer.bootId = bootId;
    peer.storeName = announce.capabilities?.storeName;
    peer.announcedAt = now;
    peer.reachable = true;
    if (isNew || restarted) {
      this.told.delete(peer);
      this.tellEverything(peer);
    }
    return { kind: 'acknowledged' };
  }

  /** WIRE 3, all other directions: a neighbour says something of a consumer. */
  advertised(advert: Advertise): Acknowledged {
    switch (advert.heading) {
      case 'local':
        // Only this store itself knows its consumers; from the network it is acknowledged and changes nothing.
        return { kind: 'acknowledged' };
      case 'north':
        return this.learnFrom(this.self.southInsert ? this.southThat(advert.via) : undefined, advert);
      case 'south': {
        const north = this.neighbours.findNorth(advert.via);
        if (north === undefined) return { kind: 'unknownPeer' };
        this.restored(north);
        return this.learnFrom(north, advert);
      }
      case 'resync':
        return this.learnFrom(this.neighbours.findAny(advert.via), advert);
    }
  }

  /** A call to a neighbour has failed: what was learned through it is forgotten (WIRE 3). */
  neighbourFailed(neighbour: Neighbour, cause: unknown): void {
    if (this.closed) return;
    const wasReachable = neighbour.reachable;
    neighbour.reachable = false;
    this.told.delete(neighbour);
    this.queues.get(neighbour)?.close();
    this.queues.delete(neighbour);
    if (neighbour.side === 'south') this.neighbours.removeSouth(neighbour.key);
    const gone = this.routes.dropVia(neighbour.key);
    if (wasReachable || gone.length > 0) {
      this.log.warn(`${neighbour.side} peer ${neighbour.key} cannot be reached: ${describe(cause)}`);
      this.events.peerLost(neighbour, gone);
    }
    this.routesGone(gone);
  }

  /** The rows that users see as removed, and what follows from it for the neighbours. */
  private routesGone(gone: readonly RouteRow[]): void {
    for (const row of gone) this.tellAll(row.storeName, row.consumerId);
    if (gone.length > 0) this.events.routesRemoved(gone);
  }

  private southThat(via: Address): Neighbour | undefined {
    const known = this.neighbours.findSouth(via);
    if (known !== undefined) return known;
    const added = this.neighbours.addSouth(via, this.clock.now());
    if (added === undefined) return undefined;
    // It has announced itself by what it offers; it still lacks what is known here.
    this.tellEverything(added.peer);
    return added.peer;
  }

  private learnFrom(from: Neighbour | undefined, advert: Advertise): Acknowledged {
    if (from === undefined) return { kind: 'acknowledged' };
    const learned = this.routes.learn(advert, from);
    switch (learned.kind) {
      case 'ignored':
        break;
      case 'learned':
        this.tellAll(advert.origin.storeName, advert.consumerId);
        this.events.routeLearned(advert.service);
        break;
      case 'withdrawn':
        this.routesGone(learned.gone);
        break;
    }
    return { kind: 'acknowledged' };
  }

  private tellAll(storeName: string, consumerId: string): void {
    for (const neighbour of this.neighbours.all()) this.tell(neighbour, storeName, consumerId);
  }

  private tellEverything(neighbour: Neighbour): void {
    for (const row of this.routes.all()) this.tell(neighbour, row.storeName, row.consumerId);
  }

  /** Compares what a neighbour may know of a consumer with what it was told, and queues the difference. */
  private tell(neighbour: Neighbour, storeName: string, consumerId: string): void {
    // One that is away is told everything when it is back.
    if (this.closed || !neighbour.reachable) return;
    const key = consumerKey(storeName, consumerId);
    const told = this.toldTo(neighbour);
    const route = this.routeToTell(neighbour, storeName, consumerId);
    const news = route === undefined ? undefined : newsOf(route);
    if (told.get(key) === news) return;
    if (route !== undefined && news !== undefined) {
      told.set(key, news);
      this.queueFor(neighbour).put(key, this.describeRoute(route, neighbour.side, neighbour));
      return;
    }
    told.delete(key);
    const former = this.queueFor(neighbour).lastPut(key);
    if (former !== undefined) this.queueFor(neighbour).put(key, this.withdrawalOf(former));
  }

  /** The best route that a neighbour may hear of: allowed by the relay rule, and not through itself. */
  private routeToTell(neighbour: Neighbour, storeName: string, consumerId: string): RouteRow | undefined {
    if (storeName === neighbour.storeName) return undefined;
    let best: RouteRow | undefined;
    for (const row of this.routes.ofConsumer(storeName, consumerId)) {
      if (row.via === neighbour.key) continue;
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

  private describeRoute(
    row: RouteRow,
    side: 'local' | 'north' | 'south',
    to: Neighbour | undefined,
  ): Advertise {
    const local = row.direction === 'local';
    return {
      verb: 'advertise',
      heading: side,
      service: row.service,
      consumerId: row.consumerId,
      origin: { storeName: row.storeName, address: { host: row.storeHost, port: row.storePort } },
      passedOnBy: this.self.storeName,
      via: this.self.address,
      hopCount: to === undefined ? 0 : row.hopCount + 1,
      expiresEpochS: row.expiresEpochS,
      load: local ? undefined : { room: row.room, readMs: row.readMs, replyMs: row.replyMs },
      stamp:
        row.bootId === ''
          ? undefined
          : { bootId: row.bootId, counter: row.counter, path: [...pathOf(row), this.self.storeName] },
    };
  }

  /** The last word again with an expiry long past; from the origin also with a newer count (DESIGN.md, "Routes"). */
  private withdrawalOf(former: Advertise): Advertise {
    const own = former.origin.storeName === this.self.storeName;
    if (own) this.counter += 1;
    const stamp = own && former.stamp !== undefined ? { ...former.stamp, counter: this.counter } : undefined;
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

  private async send(neighbour: Neighbour, advert: Advertise): Promise<void> {
    try {
      const answer = await this.peers.call(neighbour.address, advert);
      if (answer.kind === 'unknownPeer' && neighbour.side === 'south') {
        this.neighbourFailed(neighbour, new RedlinkError('PEER_ANSWER', 'it does not know this store'));
        return;
      }
      this.restored(neighbour);
    } catch (error) {
      this.neighbourFailed(neighbour, error);
    }
  }

  private async announceTo(north: Neighbour): Promise<void> {
    const announce: Announce = {
      verb: 'announce',
      from: this.self.address,
      capabilities: this.self.capabilities,
    };
    try {
      await this.peers.call(north.address, announce);
      this.restored(north);
    } catch (error) {
      this.neighbourFailed(north, error);
    }
  }

  /** A neighbour has answered: a restarted or returned one must hear everything again. */
  private restored(neighbour: Neighbour): void {
    if (this.closed) return;
    const said = this.peers.capabilities(neighbour.address);
    const restarted =
      said !== undefined && neighbour.bootId !== undefined && said.bootId !== neighbour.bootId;
    neighbour.bootId = said?.bootId;
    neighbour.storeName = said?.storeName ?? neighbour.storeName;
    if (neighbour.reachable && !restarted) return;
    const wasLost = !neighbour.reachable;
    neighbour.reachable = true;
    if (restarted) this.told.delete(neighbour);
    this.tellEverything(neighbour);
    if (wasLost) this.events.peerBack(neighbour);
  }

  private scheduleResync(): void {
    this.resyncTimer = this.clock.after(RESYNC_INTERVAL_MS, () => {
      if (this.closed) return;
      for (const north of this.neighbours.north()) if (north.reachable) void this.announceTo(north);
      this.routesGone(this.routes.expire());
      this.renewLocal();
      this.scheduleResync();
    });
  }

  private renewLocal(): void {
    for (const row of [...this.routes.all()]) {
      if (row.direction !== 'local') continue;
      this.counter += 1;
      row.counter = this.counter;
      row.expiresEpochS = this.nextExpiry();
      this.tellAll(row.storeName, row.consumerId);
      this.events.localAdvertised(this.describeRoute(row, 'local', undefined));
    }
  }

  private scheduleProbe(): void {
    this.probeTimer = this.clock.after(LOST_NORTH_RETRY_MS, () => {
      if (this.closed) return;
      for (const north of this.neighbours.north()) if (!north.reachable) void this.announceTo(north);
      this.scheduleProbe();
    });
  }

  private nextExpiry(): number {
    return Math.floor((this.clock.wall() + ADVERTISEMENT_LIFETIME_MS) / MS_PER_SECOND);
  }
}

function isLocal(row: RouteRow): boolean {
  return row.direction === 'local';
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
