import type { Engine } from '../engine/engine.js';
import type { KnownRoutes } from '../mesh/advertiser.js';
import { Liveness } from '../mesh/liveness.js';
import { Neighbours } from '../mesh/neighbours.js';
import type { FailureSink } from '../mesh/offer-ports.js';
import { otherWays } from '../mesh/other-way.js';
import { Routes } from '../mesh/routes.js';
import { WayBack } from '../mesh/way-back.js';
import type { StoreOptions, StorePorts } from './options.js';

/** What a store knows of the stores around it, and how it reaches them. */
export interface Surroundings {
  readonly neighbours: Neighbours;
  readonly routes: KnownRoutes;
  readonly wayBack: WayBack;
  /** The peers, watched for whether they answer: what the parts of the store call. */
  readonly liveness: Liveness;
}

/** Makes what a store knows of others. @param standsStill told of a neighbour that stands still for good */
export function assembleSurroundings(
  { name, northPeers }: StoreOptions,
  { clock, peers, resolver }: StorePorts,
  engine: Engine,
  standsStill: FailureSink['neighbourFailed'],
): Surroundings {
  const neighbours = new Neighbours(northPeers, resolver);
  const consumers = new Routes(engine.routes, name, clock);
  const stores = new Routes(engine.storeRoutes, name, clock);
  const wayBack = new WayBack(name, neighbours, stores);
  const goRound = otherWays(consumers, neighbours, wayBack);
  const liveness = new Liveness(peers, neighbours, clock, { neighbourFailed: standsStill }, goRound);
  return { neighbours, routes: { consumers, stores }, wayBack, liveness };
}
