import { Engine } from '../engine/engine.js';
import type { MessageRow, RouteRow } from '../engine/rows.js';
import { Advertiser } from '../mesh/advertiser.js';
import { Balancer } from '../mesh/balancer.js';
import type { MeshEvents } from '../mesh/mesh-events.js';
import { Neighbours } from '../mesh/neighbours.js';
import { OfferPump } from '../mesh/offer-pump.js';
import { OfferRelay } from '../mesh/offer-relay.js';
import { NearestFirst } from '../mesh/route-order.js';
import { Routes } from '../mesh/routes.js';
import { ALL_SERVICES, ServicePolicy } from '../mesh/service-policy.js';
import type { Capabilities, Hop } from '../protocol/verbs.js';
import { AddressRanges } from '../support/address-ranges.js';
import { DeadlineHeap } from '../support/deadline-heap.js';
import { describe } from '../support/errors.js';
import { Capacity } from './capacity.js';
import { Inbox } from './inbox.js';
import { LargePayloads } from './large-payloads.js';
import type { StoreOptions, StorePorts } from './options.js';
import { Outbox } from './outbox.js';
import { ReplyCourier } from './reply-courier.js';
import type { StoreObserver } from './store-observer.js';
import { VerbAnswerer } from './verb-answerer.js';
import { WayHome } from './way-home.js';

/** What a store is made of. */
export interface StoreParts {
  readonly engine: Engine;
  readonly capacity: Capacity;
  readonly deadlines: DeadlineHeap;
  readonly neighbours: Neighbours;
  readonly routes: Routes;
  readonly outbox: Outbox;
  readonly inbox: Inbox;
  readonly pump: OfferPump;
  readonly advertiser: Advertiser;
  readonly wayHome: WayHome;
  readonly courier: ReplyCourier;
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
  const hop: Omit<Hop, 'reversePath'> = { storeName, address };
  const self = { storeName, hop };
  const allowed = new AddressRanges(options.allowedSources);
  const policy = new ServicePolicy(options.services ?? ALL_SERVICES);
  const large = new LargePayloads(payloads, options.largeMessageThreshold, log);
  // Parts that tell the pump are made before it: they reach it through this.
  const wake = (service: string): void => {
    pump.wake(service);
  };
  const offering = (row: MessageRow): void => {
    events.observer.offered(row);
  };

  const engine = new Engine(log);
  engine.store.insert({ storeName, storeHost: address.host, storePort: address.port });
  const deadlines = new DeadlineHeap(clock, (error, key) => {
    log.error(`the deadline "${key}" failed: ${describe(error)}`);
  });
  const neighbours = new Neighbours(options.northPeers, ports.resolver);
  const routes = new Routes(engine.routes, storeName, clock);
  const inbox = new Inbox(engine, deadlines, clock, { roomFreed: wake });
  const capacity = new Capacity(storeName, engine, options, () => {
    events.observer.changed();
  });
  const outbox = new Outbox(storeName, engine, payloads, large, deadlines, capacity, clock, log, {
    messageEnded: (messageId) => {
      inbox.expire(messageId);
    },
    roomFreed: wake,
  });
  const identity = { storeName, address, southInsert, capabilities, policy };
  const mesh = meshEventsFor(events, wake);
  const advertiser = new Advertiser(identity, neighbours, routes, peers, clock, log, mesh);
  const order = options.balance ? new Balancer(storeName, clock) : new NearestFirst(clock);
  const pump = new OfferPump(
    { self, order, offering },
    { source: outbox, desk: inbox, routes, neighbours, peers, failures: advertiser },
    clock,
    log,
  );
  engine.messages.onReady((service) => {
    pump.messageReady(service);
  });
  const wayHome = new WayHome(storeName, neighbours, peers, outbox, allowed, ports.resolver);
  const courier = new ReplyCourier(storeName, inbox, large, wayHome, clock, log);
  const offers = new OfferRelay(self, policy, order, inbox, routes, neighbours, peers, advertiser);
  const answering = { advertiser, offers, home: outbox };
  const answerer = new VerbAnswerer(answering, routes, neighbours, peers, allowed, wake);
  // prettier-ignore
  return {
    engine, capacity, deadlines, neighbours, routes, outbox, inbox, pump, advertiser, wayHome, courier, answerer, policy,
  };
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
