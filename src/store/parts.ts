import { Engine } from '../engine/engine.js';
import type { RouteRow } from '../engine/rows.js';
import { Advertiser } from '../mesh/advertiser.js';
import { Balancer } from '../mesh/balancer.js';
import type { MeshEvents } from '../mesh/mesh-events.js';
import { Neighbours } from '../mesh/neighbours.js';
import { OfferPump, type OfferPumpOptions, type OfferPumpParts } from '../mesh/offer-pump.js';
import { OfferRelay } from '../mesh/offer-relay.js';
import { NearestFirst } from '../mesh/route-order.js';
import { Routes } from '../mesh/routes.js';
import { ALL_SERVICES, ServicePolicy } from '../mesh/service-policy.js';
import type { Address } from '../protocol/address.js';
import type { Capabilities } from '../protocol/verbs.js';
import { AddressRanges } from '../support/address-ranges.js';
import type { Clock } from '../support/clock.js';
import { DeadlineHeap } from '../support/deadline-heap.js';
import { describe } from '../support/errors.js';
import type { Log } from '../support/log.js';
import { Capacity } from './capacity.js';
import { assembleConsumersSide, type ConsumersSide } from './consumers-side.js';
import { Inbox } from './inbox.js';
import { LargePayloads } from './large-payloads.js';
import type { StoreOptions, StorePorts } from './options.js';
import { assembleProducersSide, type ProducersSide } from './producers-side.js';
import type { StoreObserver } from './store-observer.js';
import { VerbAnswerer } from './verb-answerer.js';
import { WayHome } from './way-home.js';

/** What a store is made of. */
export interface StoreParts extends Omit<ProducersSide, 'home'>, ConsumersSide {
  readonly engine: Engine;
  readonly capacity: Capacity;
  readonly deadlines: DeadlineHeap;
  readonly neighbours: Neighbours;
  readonly routes: Routes;
  readonly inbox: Inbox;
  readonly pump: OfferPump;
  readonly advertiser: Advertiser;
  readonly wayHome: WayHome;
  readonly answerer: VerbAnswerer;
  readonly policy: ServicePolicy;
}

/** Who hears of what happens in the parts. */
export interface PartsEvents {
  readonly observer: StoreObserver;
  readonly routesRemoved: (rows: readonly RouteRow[]) => void;
}

/**
 * Makes the parts of a store and joins them: the one place that knows which part tells which.
 * @throws RedlinkError `BAD_CONFIGURATION` where an allowed range is none.
 */
export function assembleParts(
  options: StoreOptions,
  ports: StorePorts,
  capabilities: Capabilities,
  events: PartsEvents,
): StoreParts {
  const { clock, log, payloads, peers } = ports;
  const { name: storeName, address, southInsert } = options;
  const self = { storeName, hop: { storeName, address } };
  const allowed = new AddressRanges(options.allowedSources);
  const policy = new ServicePolicy(options.services ?? ALL_SERVICES);
  const large = new LargePayloads(payloads, options.largeMessageThreshold, log);
  // Parts that tell the pump are made before it: they reach it through this.
  const wake = (service: string): void => {
    pump.wake(service);
  };

  const engine = newEngine(storeName, address, log);
  const deadlines = newDeadlines(clock, log);
  const neighbours = new Neighbours(options.northPeers, ports.resolver);
  const routes = new Routes(engine.routes, storeName, clock);
  const inbox = new Inbox(engine, deadlines, clock, {
    roomFreed: wake,
    consumerLost: (consumerId) => {
      outbox.loseReadBy(storeName, consumerId);
    },
  });
  const capacity = new Capacity(storeName, engine, options, () => {
    events.observer.changed();
  });
  // prettier-ignore
  const { journal, outbox, acceptance, home } = assembleProducersSide({
    storeName, engine, deadlines, capacity, large, ports, inbox, roomFreed: wake,
  });
  const identity = { storeName, address, southInsert, capabilities, policy };
  const advertiser = new Advertiser(
    identity,
    neighbours,
    routes,
    peers,
    clock,
    log,
    meshEventsFor(events, wake),
  );
  const order = options.balance ? new Balancer(storeName, clock) : new NearestFirst(clock);
  const around = { source: outbox, desk: inbox, routes, neighbours, peers, failures: advertiser };
  const pump = assemblePump(engine, self, order, around, ports, events.observer);
  const wayHome = new WayHome(storeName, neighbours, peers, home, allowed, ports.resolver);
  const consumersSide = assembleConsumersSide({ storeName, engine, inbox, large, wayHome, journal, ports });
  const offers = new OfferRelay(self, policy, order, inbox, routes, neighbours, peers, advertiser);
  const answerer = new VerbAnswerer({ advertiser, offers, home }, routes, neighbours, peers, allowed, wake);
  // prettier-ignore
  return {
    engine, capacity, deadlines, neighbours, routes, journal, outbox, acceptance, inbox, pump, advertiser,
    wayHome, ...consumersSide, answerer, policy,
  };
}

/** The tables, with the store's own row in them. */
function newEngine(storeName: string, { host, port }: Address, log: Log): Engine {
  const engine = new Engine(log);
  engine.store.insert({ storeName, storeHost: host, storePort: port });
  return engine;
}

function newDeadlines(clock: Clock, log: Log): DeadlineHeap {
  return new DeadlineHeap(clock, (error, key) => {
    log.error(`the deadline "${key}" failed: ${describe(error)}`);
  });
}

/** The pump, woken by the table of messages. */
function assemblePump(
  engine: Engine,
  self: OfferPumpOptions['self'],
  order: OfferPumpOptions['order'],
  around: OfferPumpParts,
  { clock, log }: StorePorts,
  observer: StoreObserver,
): OfferPump {
  const offering: OfferPumpOptions['offering'] = (row) => {
    observer.offered(row);
  };
  const pump = new OfferPump({ self, order, offering }, around, clock, log);
  engine.messages.onReady((service) => {
    pump.messageReady(service);
  });
  return pump;
}

function meshEventsFor(
  { observer, routesRemoved }: PartsEvents,
  wake: (service: string) => void,
): MeshEvents {
  return {
    localAdvertised: (advert) => {
      observer.localAdvertised(advert);
    },
    routeLearned: (service) => {
      wake(service);
      observer.changed();
    },
    routesRemoved,
    peerLost: (neighbour, rows) => {
      observer.peerLost(neighbour, rows);
      observer.changed();
    },
    peerChanged: () => {
      observer.changed();
    },
  };
}
