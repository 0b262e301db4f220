import type { ConsumerRow, RouteRow } from '../engine/rows.js';
import { sameAddress } from '../protocol/address.js';
import type { Acknowledged, Advertise, Announce, Recall, RecallAnswer } from '../protocol/verbs.js';
import { refusalCode } from '../security/refusal.js';
import type { Peers } from '../transport/port.js';
import type { Clock } from '../support/clock.js';
import { MS_PER_SECOND } from '../support/clock.js';
import { RedlinkError } from '../support/errors.js';
import type { Log } from '../support/log.js';
import { SayOnce } from '../support/say-once.js';
import { consumerKey } from './consumer-key.js';
import { ADVERTISEMENT_LIFETIME_MS, isWithdrawal, markOf, type Mark } from './freshness.js';
import { Herald } from './herald.js';
import type { Identity } from './identity.js';
import { Links, type LinkBefore } from './links.js';
import type { MeshEvents } from './mesh-events.js';
import type { Neighbour, Neighbours } from './neighbours.js';
import { consumersPass, storesPass } from './relay-rule.js';
import { Renewal } from './renewal.js';
import type { Routes } from './routes.js';
import { ALL_SERVICES, ServicePolicy } from './service-policy.js';
import { isOfStore, STORE_ITSELF } from './store-route.js';
import { WordOrder } from './word-order.js';

/** A peer that comes and goes all the time is mentioned so often, ms. */
const MENTION_LOSS_EVERY_MS = 60_000;

/** What the store knows of ways: to consumers, and to other stores themselves. */
export interface KnownRoutes {
  readonly consumers: Routes;
  readonly stores: Routes;
}

/**
 * This store's part in the exchange of routes: takes in what neighbours say of consumers and stores,
 * and has the heralds tell the others (WIRE 3).
 */
export class Advertiser {
  private readonly consumerHerald: Herald;
  private readonly storeHerald: Herald;
  private readonly links: Links;
  private readonly renewal: Renewal;
  private readonly refusals: SayOnce;
  private readonly losses: SayOnce;
  private readonly order: WordOrder;
  private counter = 0;
  private closed = false;
  private leaving = false;

  constructor(
    private readonly self: Identity,
    private readonly neighbours: Neighbours,
    private readonly routes: KnownRoutes,
    private readonly peers: Peers,
    private readonly clock: Clock,
    log: Log,
    private readonly events: MeshEvents,
  ) {
    const send = (neighbour: Neighbour, advert: Advertise): Promise<void> => this.send(neighbour, advert);
    const { policy } = self;
    const consumers = { self, rule: consumersPass, policy, onlyVersion4: false };
    // Where replies may go is no matter of services.
    const stores = { self, rule: storesPass, policy: new ServicePolicy(ALL_SERVICES), onlyVersion4: true };
    this.consumerHerald = new Herald(consumers, neighbours, routes.consumers, clock, send);
    this.storeHerald = new Herald(stores, neighbours, routes.stores, clock, send);
    this.refusals = new SayOnce(log, clock);
    this.losses = new SayOnce(log, clock, MENTION_LOSS_EVERY_MS);
    this.order = new WordOrder(clock);
    this.links = new Links(self, neighbours, peers, clock, this.refusals, {
      reached: (neighbour, wasLost) => {
        for (const herald of this.heralds()) herald.tellEverything(neighbour);
        if (wasLost) this.events.peerChanged(neighbour);
      },
      forgot: (neighbour) => {
        for (const herald of this.heralds()) herald.forget(neighbour);
      },
      restarted: (neighbour) => {
        this.dropVia(neighbour, neighbour.bootId);
      },
      lost: (link, trouble, before) => {
        this.linkLost(link, trouble, before);
      },
    });
    this.renewal = new Renewal(clock, {
      begin: () => {
        this.links.announceAgain();
        this.expire();
        return [...routes.stores.local(), ...routes.consumers.local()];
      },
      renew: (row) => {
        this.renew(row);
      },
    });
  }

  /** Announces the store and begins the 30 s rhythm. */
  start(): void {
    this.links.start();
    this.renewal.start();
  }

  close(): void {
    this.closed = true;
    this.renewal.close();
    this.links.close();
    for (const herald of this.heralds()) herald.close();
  }

  /** Tells every neighbour once more that this store's consumers are gone: before it closes. */
  async withdrawAll(): Promise<void> {
    this.leaving = true;
    for (const row of this.routes.consumers.local()) this.withdrawConsumer(row.consumerId);
    this.routes.stores.removeLocal(STORE_ITSELF, this.nextMark());
    this.storeHerald.tellAll(this.self.storeName, STORE_ITSELF);
    await Promise.all(this.heralds().map((herald) => herald.drained()));
  }

  /** A consumer has attached to this store. */
  offerConsumer({ service, consumerId }: ConsumerRow): void {
    this.routes.consumers.addLocal(this.ownRow(service, consumerId));
    this.consumerHerald.tellAll(this.self.storeName, consumerId);
    for (const row of this.routes.consumers.ofConsumer(this.self.storeName, consumerId)) {
      this.events.localAdvertised(this.consumerHerald.describeRoute(row, 'local', false));
    }
  }

  /** A consumer has left this store. */
  withdrawConsumer(consumerId: string): void {
    this.routes.consumers.removeLocal(consumerId, this.nextMark());
    this.consumerHerald.tellAll(this.self.storeName, consumerId);
  }

  /** This store has producers: reads and replies must find it, whatever fails on the way. */
  offerStore(): void {
    if (this.routes.stores.local().length > 0) return;
    this.routes.stores.addLocal(this.ownRow(this.self.storeName, STORE_ITSELF));
    this.storeHerald.tellAll(this.self.storeName, STORE_ITSELF);
  }

  /** WIRE 3, `direction: store`: a store makes itself known as a south peer. */
  announced(announce: Announce): Promise<Acknowledged> {
    return this.links.announced(announce);
  }

  /** A store says that it has lost this one. */
  recalled(recall: Recall): RecallAnswer {
    this.links.recalled(recall.by);
    return { kind: 'coming' };
  }

  /** WIRE 3, all other directions: a neighbour says something of a consumer. */
  advertised(advert: Advertise): Acknowledged {
    switch (advert.heading) {
      case 'local':
        // Only this store itself knows its consumers; from the network it is acknowledged and changes nothing.
        return { kind: 'acknowledged' };
      case 'north':
        // Ways to stores are for what comes back, which `southInsert` is not about.
        return this.self.southInsert || isOfStore(advert)
          ? this.learnFrom(this.links.southThat(advert.via), advert)
          : { kind: 'acknowledged' };
      case 'south': {
        const north = this.neighbours.findNorth(advert.via);
        if (north === undefined) return { kind: 'unknownPeer' };
        this.links.heard(north);
        return this.learnFrom(north, advert);
      }
      case 'resync':
        return this.learnFrom(this.neighbours.findAny(advert.via), advert);
    }
  }

  /** A call to a neighbour has failed: what was learned through it is forgotten (WIRE 3). */
  neighbourFailed(neighbour: Neighbour, cause: unknown): void {
    this.links.failed(neighbour, cause);
  }

  private heralds(): readonly Herald[] {
    return [this.consumerHerald, this.storeHerald];
  }

  private linkLost(link: Neighbour, trouble: RedlinkError, { wasReachable, isNews }: LinkBefore): void {
    for (const herald of this.heralds()) herald.abandon(link);
    const isLoss = wasReachable || this.routes.consumers.countVia(link.link) > 0;
    // Each reason is told once, not with each try; one that never was there yet is no news at all.
    const isToBeSaid = isLoss || (isNews && refusalCode(trouble.code) !== undefined);
    // Who leaves needs nobody any more: often all stores of a Node-RED leave at once.
    if (isToBeSaid && !this.leaving) {
      const text = `${link.side} peer ${link.key} cannot be reached: ${trouble.message} [${trouble.code}]`;
      this.losses.warn(`${link.link} ${trouble.code}`, text);
    }
    const gone = this.routes.consumers.dropVia(link.link);
    if (isNews) this.events.peerChanged(link);
    if (isLoss) this.events.peerLost(link, gone);
    this.consumersGone(gone);
    this.storesGone(this.routes.stores.dropVia(link.link));
  }

  /** @param keepBoot words of this start are kept */
  private dropVia(neighbour: Neighbour, keepBoot: string | undefined): void {
    this.consumersGone(this.routes.consumers.dropVia(neighbour.link, keepBoot));
    this.storesGone(this.routes.stores.dropVia(neighbour.link, keepBoot));
  }

  /** The rows that users see as removed, and what follows from it for the neighbours. */
  private consumersGone(gone: readonly RouteRow[]): void {
    this.consumerHerald.tellAllOf(gone);
    if (gone.length > 0) this.events.routesRemoved(gone);
  }

  private storesGone(gone: readonly RouteRow[]): void {
    this.storeHerald.tellAllOf(gone);
  }

  private learnFrom(from: Neighbour | undefined, advert: Advertise): Acknowledged {
    if (from === undefined || this.isContradictory(advert, from)) return { kind: 'acknowledged' };
    const ofStore = isOfStore(advert);
    // The word of a 3.0.5 store about a store could only be a forgery. Who has lost its way to a store has no mark for that, either.
    if (ofStore && markOf(advert) === undefined && !isWithdrawal(advert)) return { kind: 'acknowledged' };
    const key = consumerKey(advert.origin.storeName, advert.consumerId);
    if (!this.order.isNext(from.link, key, advert.turn)) return { kind: 'acknowledged' };
    const learned = (ofStore ? this.routes.stores : this.routes.consumers).learn(advert, from);
    switch (learned.kind) {
      case 'ignored':
        break;
      case 'refused':
        this.refusals.warn(`learn ${from.link}`, `advertisements of ${from.key}: ${learned.why}`);
        break;
      case 'learned':
        (ofStore ? this.storeHerald : this.consumerHerald).tellAll(
          advert.origin.storeName,
          advert.consumerId,
        );
        if (!ofStore) this.events.routeLearned(advert.service);
        break;
      case 'withdrawn':
        // A north that restarts knows its souths no more: the next look tells, not the resync 30 s later.
        if (from.side === 'north' && sameAddress(advert.origin.address, advert.via)) from.mayRestart = true;
        if (ofStore) this.storesGone(learned.gone);
        else this.consumersGone(learned.gone);
        break;
    }
    return { kind: 'acknowledged' };
  }

  /** Two stores that claim one name; or a word about a neighbour of which it knows nothing itself. */
  private isContradictory(advert: Advertise, from: Neighbour): boolean {
    const { storeName, address } = advert.origin;
    if (storeName === this.self.storeName) {
      if (sameAddress(address, this.self.address)) return false;
      const text = `another store, at ${address.host}:${address.port}, uses the name of this one: ${storeName}`;
      this.refusals.warn(`name ${storeName}`, `${text} (said by ${from.key})`);
      return true;
    }
    const mark = markOf(advert);
    const named = this.neighbours.findNamed(storeName);
    if (mark === undefined || named?.bootId === undefined || !named.reachable) return false;
    if (mark.bootId === named.bootId || named.key === from.key) return false;
    const text = `${from.key} speaks for ${storeName}, which is at ${named.key} and says otherwise`;
    this.refusals.warn(`contradiction ${from.key} ${storeName}`, text);
    this.links.doubt(named);
    return true;
  }

  private async send(neighbour: Neighbour, advert: Advertise): Promise<void> {
    try {
      const answer = await this.peers.call(neighbour.address, advert);
      if (answer.kind === 'unknownPeer' && neighbour.side === 'south') {
        this.neighbourFailed(neighbour, new RedlinkError('PEER_ANSWER', 'it does not know this store'));
        return;
      }
      this.links.heard(neighbour);
    } catch (error) {
      this.neighbourFailed(neighbour, error);
    }
  }

  private expire(): void {
    this.order.sweep();
    this.consumersGone(this.routes.consumers.expire());
    this.storesGone(this.routes.stores.expire());
  }

  private renew(row: RouteRow): void {
    const { stores, consumers } = this.routes;
    // It may have gone since the round began.
    if (this.closed || !(stores.isKnown(row) || consumers.isKnown(row))) return;
    row.counter = this.nextMark().counter;
    row.expiresEpochS = this.nextExpiry();
    if (row.consumerId === STORE_ITSELF) {
      this.storeHerald.tellAll(row.storeName, row.consumerId);
      return;
    }
    this.consumerHerald.tellAll(row.storeName, row.consumerId);
    this.events.localAdvertised(this.consumerHerald.describeRoute(row, 'local', false));
  }

  private ownRow(service: string, consumerId: string): Parameters<Routes['addLocal']>[0] {
    const { storeName, address } = this.self;
    return {
      service,
      consumerId,
      storeName,
      storeHost: address.host,
      storePort: address.port,
      viaHost: address.host,
      viaPort: address.port,
      expiresEpochS: this.nextExpiry(),
      ...this.nextMark(),
      path: '',
    };
  }

  private nextMark(): Mark {
    this.counter += 1;
    return { bootId: this.self.capabilities.bootId, counter: this.counter };
  }

  private nextExpiry(): number {
    return Math.floor((this.clock.wall() + ADVERTISEMENT_LIFETIME_MS) / MS_PER_SECOND);
  }
}
