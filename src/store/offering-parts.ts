import type { Engine } from '../engine/engine.js';
import { Balancer } from '../mesh/balancer.js';
import type { Neighbours } from '../mesh/neighbours.js';
import type { FailureSink, OwnMessages } from '../mesh/offer-ports.js';
import { OfferPump } from '../mesh/offer-pump.js';
import { OfferRelay } from '../mesh/offer-relay.js';
import { NearestFirst } from '../mesh/route-order.js';
import type { Routes } from '../mesh/routes.js';
import type { ServicePolicy } from '../mesh/service-policy.js';
import { Vacancies } from '../mesh/vacancies.js';
import type { Inbox } from './inbox.js';
import type { StoreOptions, StorePorts } from './options.js';
import type { Outbox } from './outbox.js';
import { ServicePlaces } from './service-places.js';
import type { StoreObserver } from './store-observer.js';

/** What brings messages and consumers together. */
export interface OfferingParts {
  /** Offers this store's own messages. */
  readonly pump: OfferPump;
  /** Answers and passes on the offers of others. */
  readonly offers: OfferRelay;
  /** Who waits for room, of both. */
  readonly vacancies: Vacancies;
}

/** The parts of the store that offering works with. */
export interface OfferingNeeds {
  readonly engine: Engine;
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly routes: Routes;
  readonly neighbours: Neighbours;
  readonly policy: ServicePolicy;
  readonly failures: FailureSink;
}

/** Makes the parts that offer, and joins them. @param observer told of each message that is being offered, and of who has no room */
export function assembleOffering(
  options: StoreOptions,
  { clock, log, peers }: StorePorts,
  { engine, inbox, outbox, routes, neighbours, policy, failures }: OfferingNeeds,
  observer: Pick<StoreObserver, 'offered' | 'changed'>,
): OfferingParts {
  const { name: storeName, address } = options;
  const self = { storeName, hop: { storeName, address } };
  const order = options.balance ? new Balancer(storeName, clock) : new NearestFirst(clock);
  const mesh = { routes, neighbours, peers, failures };
  const own: OwnMessages = {
    roomHere: (service) => {
      pump.roomHere(service);
    },
    roomAt: (service, neighbour, places) => pump.roomAt(service, neighbour, places),
  };
  const places = new ServicePlaces(engine, inbox);
  const vacancies = new Vacancies(address, { places, own, ...mesh }, clock);
  const pump = new OfferPump(
    {
      self,
      order,
      offering: (row) => {
        observer.offered(row);
      },
      roomChanged: () => {
        observer.changed();
      },
    },
    { source: outbox, desk: inbox, line: vacancies, ...mesh },
    clock,
    log,
  );
  const offers = new OfferRelay({ self, order }, { policy, desk: inbox, vacancies, ...mesh });
  engine.messages.onReady((service) => {
    pump.messageReady(service);
  });
  return { pump, offers, vacancies };
}
