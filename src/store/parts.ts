import { Engine } from '../engine/engine.js';
import type { RouteRow } from '../engine/rows.js';
import { Advertiser } from '../mesh/advertiser.js';
import type { MeshEvents } from '../mesh/mesh-events.js';
import type { Liveness } from '../mesh/liveness.js';
import type { Neighbours } from '../mesh/neighbours.js';
import type { OfferPump } from '../mesh/offer-pump.js';
import type { Routes } from '../mesh/routes.js';
import { ALL_SERVICES, ServicePolicy } from '../mesh/service-policy.js';
import type { Vacancies } from '../mesh/vacancies.js';
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
import { lostMessage } from './leased-rows.js';
import { LargePayloads } from './large-payloads.js';
import { assembleOffering } from './offering-parts.js';
import type { StoreOptions, StorePorts } from './options.js';
import { assembleProducersSide, type ProducersSide } from './producers-side.js';
import { assembleSurroundings } from './surroundings.js';
import type { StoreObserver } from './store-observer.js';
import { VerbAnswerer } from './verb-answerer.js';
import { WayHome } from './way-home.js';

/** What a store is made of. */
export interface StoreParts extends Omit<ProducersSide, 'home'>, ConsumersSide {
  readonly engine: Engine;
  readonly capacity: Capacity;
  readonly deadlines: DeadlineHeap;
  readonly neighbours: Neighbours;
  readonly liveness: Liveness;
  readonly routes: Routes;
  readonly inbox: Inbox;
  readonly pump: OfferPump;
  readonly advertiser: Advertiser;
  readonly wayHome: WayHome;
  readonly answerer: VerbAnswerer;
  readonly policy: ServicePolicy;
  readonly vacancies: Vacancies;
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
  const { clock, log, payloads } = ports;
  const { name: storeName, address, southInsert } = options;
  const allowed = new AddressRanges(options.allowedSources);
  const policy = new ServicePolicy(options.services ?? ALL_SERVICES);
  const large = new LargePayloads(payloads, options.largeMessageThreshold, log);
  // Parts that tell the pump are made before it: they reach it through this.
  const wake = (service: string): void => {
    pump.wake(service);
  };

  const engine = newEngine(storeName, address, log);
  const deadlines = newDeadlines(clock, log);
  const around = assembleSurroundings(options, ports, engine, (neighbour, cause) => {
    advertiser.neighbourFailed(neighbour, cause);
  });
  const { neighbours, wayBack, liveness: peers } = around;
  const routes = around.routes.consumers;
  const inbox = new Inbox(engine, deadlines, clock, {
    roomFreed: (service) => {
      // Who waits longest is first: only then this store's own messages.
      vacancies.roomFreed(service);
      wake(service);
    },
    consumerLost: (consumerId, had) => {
      outbox.lostConsumers.takeBackAll(consumerId, storeName, had.map(lostMessage));
      consumersSide.leaseReturns.add(had);
    },
  });
  const capacity = new Capacity(storeName, engine, options, () => {
    events.observer.changed();
  });
  // prettier-ignore
  const { journal, outbox, acceptance, home } = assembleProducersSide({
    storeName, bootId: capabilities.bootId, engine, deadlines, capacity, large, ports, inbox, roomFreed: wake,
  });
  const identity = { storeName, address, southInsert, capabilities, policy };
  const meshEvents = meshEventsFor(events, wake);
  const advertiser = new Advertiser(identity, neighbours, around.routes, peers, clock, log, meshEvents);
  const offeringWith = { engine, inbox, outbox, routes, neighbours, policy, failures: advertiser };
  const offering = assembleOffering(options, { ...ports, peers }, offeringWith, events.observer);
  const { pump, vacancies, offers } = offering;
  const ways = { wayBack, neighbours, peers, failures: advertiser };
  const wayHome = new WayHome(storeName, ways, home, allowed, ports.resolver);
  const consumersSide = assembleConsumersSide({ storeName, engine, inbox, large, wayHome, journal, ports });
  const answering = { bootId: capabilities.bootId, advertiser, offers, vacancies, home, wayBack };
  const answerer = new VerbAnswerer(answering, routes, neighbours, peers, allowed, wake);
  // prettier-ignore
  return {
    engine, capacity, deadlines, neighbours, liveness: peers, routes, journal, outbox, acceptance, inbox, pump, advertiser,
    wayHome, ...consumersSide, answerer, policy, vacancies,
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
