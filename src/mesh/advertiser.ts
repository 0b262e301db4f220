import type { ConsumerRow, RouteRow } from '../engine/rows.js';
import type { Address } from '../protocol/address.js';
import { sameAddress } from '../protocol/address.js';
import type { Acknowledged, Advertise, Announce } from '../protocol/verbs.js';
import { refusalCode } from '../security/refusal.js';
import type { Peers } from '../transport/port.js';
import type { Clock, Timer } from '../support/clock.js';
import { MS_PER_SECOND } from '../support/clock.js';
import type { Log } from '../support/log.js';
import { describe, RedlinkError } from '../support/errors.js';
import { ADVERTISEMENT_LIFETIME_MS } from './freshness.js';
import type { MeshEvents } from './mesh-events.js';
import type { Neighbour, Neighbours } from './neighbours.js';
import { Herald } from './herald.js';
import type { Identity } from './identity.js';
import type { Routes } from './routes.js';

/** How often a store repeats what it is and offers, ms (WIRE 3). */
export const RESYNC_INTERVAL_MS = 30_000;

/** How often a north peer that is away is tried again, ms: it is back in use within 2 s of its return. */
export const LOST_NORTH_RETRY_MS = 1_000;

/**
 * A south that announces itself earlier than this after the last time, ms, has started anew: the
 * regular interval is 30 s, and a 3.0.5 store says nothing else that would tell.
 */
const RESTARTED_BEFORE_MS = 28_000;

/**
 * This store's part in the exchange of routes: announces itself to its norths, takes in what
 * neighbours say, and has the herald tell the others (WIRE 3).
 */
export class Advertiser {
  private readonly herald: Herald;
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
  ) {
    this.herald = new Herald(
      self,
      neighbours,
      routes,
      clock,
      (neighbour, advert) => this.send(neighbour, advert),
      () => this.nextCounter(),
    );
  }

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
    this.herald.close();
  }

  /** Tells every neighbour once more that this store's consumers are gone: before it closes. */
  async withdrawAll(): Promise<void> {
    for (const row of [...this.routes.all()]) {
      if (row.direction !== 'local') continue;
      this.routes.removeLocal(row.consumerId);
      this.herald.tellAll(row.storeName, row.consumerId);
    }
    await this.herald.drained();
  }

  /** A consumer has attached to this store, or its word is renewed. */
  offerConsumer(consumer: ConsumerRow): void {
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
      counter: this.nextCounter(),
      path: '',
    });
    this.herald.tellAll(this.self.storeName, consumer.consumerId);
    const local = this.routes.ofConsumer(this.self.storeName, consumer.consumerId).find(isLocal);
    if (local !== undefined) this.events.localAdvertised(this.herald.describeRoute(local, 'local', false));
  }

  /** A consumer has left this store. */
  withdrawConsumer(consumerId: string): void {
    this.routes.removeLocal(consumerId);
    this.herald.tellAll(this.self.storeName, consumerId);
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
      this.herald.forget(peer);
      this.herald.tellEverything(peer);
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
    for (const link of this.neighbours.linksTo(neighbour.key)) this.loseLink(link, cause);
  }

  private loseLink(link: Neighbour, cause: unknown): void {
    const wasReachable = link.reachable;
    link.reachable = false;
    const trouble = troubleFrom(cause);
    const isNews = link.trouble?.code !== trouble.code;
    link.trouble = trouble;
    this.herald.abandon(link);
    if (link.side === 'south') this.neighbours.removeSouth(link.key);
    const gone = this.routes.dropVia(link.link);
    // Each reason is told once, not with each try; one that never was there yet is no news at all.
    if (wasReachable || gone.length > 0 || (isNews && refusalCode(trouble.code) !== undefined)) {
      this.log.warn(`${link.side} peer ${link.key} cannot be reached: ${describe(cause)} [${trouble.code}]`);
    }
    if (isNews) this.events.peerChanged(link);
    if (wasReachable || gone.length > 0) {
      this.events.peerLost(link, gone);
    }
    this.routesGone(gone);
  }

  /** The rows that users see as removed, and what follows from it for the neighbours. */
  private routesGone(gone: readonly RouteRow[]): void {
    for (const row of gone) this.herald.tellAll(row.storeName, row.consumerId);
    if (gone.length > 0) this.events.routesRemoved(gone);
  }

  private southThat(via: Address): Neighbour | undefined {
    const known = this.neighbours.findSouth(via);
    if (known !== undefined) return known;
    const added = this.neighbours.addSouth(via, this.clock.now());
    if (added === undefined) return undefined;
    // It has announced itself by what it offers; it still lacks what is known here.
    this.herald.tellEverything(added.peer);
    return added.peer;
  }

  private learnFrom(from: Neighbour | undefined, advert: Advertise): Acknowledged {
    if (from === undefined) return { kind: 'acknowledged' };
    const learned = this.routes.learn(advert, from);
    switch (learned.kind) {
      case 'ignored':
        break;
      case 'learned':
        this.herald.tellAll(advert.origin.storeName, advert.consumerId);
        this.events.routeLearned(advert.service);
        break;
      case 'withdrawn':
        // A north that restarts knows its souths no more: the next look tells, not the resync 30 s later.
        if (from.side === 'north' && sameAddress(advert.origin.address, advert.via)) from.mayRestart = true;
        this.routesGone(learned.gone);
        break;
    }
    return { kind: 'acknowledged' };
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
    north.mayRestart = false;
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
    neighbour.trouble = undefined;
    if (neighbour.reachable && !restarted) return;
    const wasLost = !neighbour.reachable;
    neighbour.reachable = true;
    if (restarted) this.herald.forget(neighbour);
    this.herald.tellEverything(neighbour);
    if (wasLost) this.events.peerChanged(neighbour);
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
      row.counter = this.nextCounter();
      row.expiresEpochS = this.nextExpiry();
      this.herald.tellAll(row.storeName, row.consumerId);
      this.events.localAdvertised(this.herald.describeRoute(row, 'local', false));
    }
  }

  private scheduleProbe(): void {
    this.probeTimer = this.clock.after(LOST_NORTH_RETRY_MS, () => {
      if (this.closed) return;
      for (const north of this.neighbours.north()) {
        if (!north.reachable || north.mayRestart) void this.announceTo(north);
      }
      this.scheduleProbe();
    });
  }

  private nextCounter(): number {
    this.counter += 1;
    return this.counter;
  }

  private nextExpiry(): number {
    return Math.floor((this.clock.wall() + ADVERTISEMENT_LIFETIME_MS) / MS_PER_SECOND);
  }
}

function troubleFrom(cause: unknown): RedlinkError {
  return cause instanceof RedlinkError ? cause : new RedlinkError('PEER_UNREACHABLE', describe(cause), cause);
}

function isLocal(row: RouteRow): boolean {
  return row.direction === 'local';
}
