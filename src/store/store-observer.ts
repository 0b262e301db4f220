import type { MessageRow, RouteRow } from '../engine/rows.js';
import type { Neighbour } from '../mesh/neighbours.js';
import type { Advertise } from '../protocol/verbs.js';

/** What a store tells whoever shows it to people: the node of the flow. */
export interface StoreObserver {
  /** A consumer of this store was advertised, for the first time or again. */
  localAdvertised(advert: Advertise): void;
  /** A message of one of its producers is being offered. */
  offered(message: MessageRow): void;
  /** A neighbour cannot be reached; the routes through it are gone. */
  peerLost(neighbour: Neighbour, routes: readonly RouteRow[]): void;
  routesRemoved(routes: readonly RouteRow[]): void;
  /** Something that a status shows may have changed. */
  changed(): void;
}

/** For stores that nobody looks at. */
export const UNOBSERVED: StoreObserver = {
  localAdvertised: () => undefined,
  offered: () => undefined,
  peerLost: () => undefined,
  routesRemoved: () => undefined,
  changed: () => undefined,
};
