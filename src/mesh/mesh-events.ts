import type { RouteRow } from '../engine/rows.js';
import type { Advertise } from '../protocol/verbs.js';
import type { Neighbour } from './neighbours.js';

/** What the mesh tells its store. */
export interface MeshEvents {
  /** This store has (again) said that one of its consumers is there. */
  localAdvertised(advert: Advertise): void;
  /** A way to a consumer of the service is new, renewed or better. */
  routeLearned(service: string): void;
  /** Ways that no longer exist. Messages assigned along them and not yet read may be given out again. */
  routesRemoved(rows: readonly RouteRow[]): void;
  peerLost(neighbour: Neighbour, routes: readonly RouteRow[]): void;
  /** A neighbour is back, or is away for another reason than before. */
  peerChanged(neighbour: Neighbour): void;
}
