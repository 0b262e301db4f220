import { storesPassed } from '../../../src/mesh/route-path.js';
import { addressOf, type MeshWorld, nameOf, type Offered } from './mesh-world.js';
import { distancesFrom } from './oracle.js';
import type { Index } from './topology.js';

/** What is wrong with the routes of a mesh at rest. */
export interface Faults {
  /** A store does not know of a service that it may know of, or an offer that follows its routes does not arrive. */
  readonly blackHoles: string[];
  /** A store knows of a service that it must not, by a way that is none, or by a longer one than there is. */
  readonly wrongRoutes: string[];
  /** The best routes, each taken by itself, lead round in a circle. */
  readonly loops: string[];
}

/** Holds every store's routes to every service against topology and relaying rule. */
export function checkAtRest(world: MeshWorld, offered: readonly Offered[]): Faults {
  const faults: Faults = { blackHoles: [], wrongRoutes: [], loops: [] };
  for (const one of offered) {
    const distances = distancesFrom(one.store, world.topology, world.alive);
    for (let index = 0; index < world.topology.stores; index += 1) {
      checkStore(world, one, index, distances.get(index), faults);
    }
  }
  for (let index = 0; index < world.topology.stores; index += 1) {
    const known = new Set(offered.map((one) => one.service));
    const ghosts = world
      .store(index)
      .services()
      .filter((service) => !known.has(service));
    if (ghosts.length > 0) faults.wrongRoutes.push(`s${index} still knows ${ghosts.join(', ')}`);
  }
  return faults;
}

function checkStore(
  world: MeshWorld,
  { service }: Offered,
  index: Index,
  distance: number | undefined,
  faults: Faults,
): void {
  const rows = world.store(index).engine.routes.ofService(service);
  if (distance === undefined) {
    if (rows.length > 0) faults.wrongRoutes.push(`s${index} must not know ${service}`);
    return;
  }
  if (rows.length === 0) {
    faults.blackHoles.push(`s${index} does not know ${service}, ${distance} hops away`);
    return;
  }
  const shortest = Math.min(...rows.map((row) => row.hopCount));
  if (shortest !== distance) {
    faults.wrongRoutes.push(`s${index} counts ${shortest} hops to ${service}, not ${distance}`);
  }
  for (const row of rows) {
    if (row.direction !== 'local' && !isWay(world, [...storesPassed(row), nameOf(index)])) {
      faults.wrongRoutes.push(`s${index} has a way to ${service} that is cut: ${row.path}`);
    }
  }
  if (world.walk(index, service, true).end !== 'arrives')
    faults.blackHoles.push(`s${index} does not reach ${service}`);
  if (world.walk(index, service, false).end === 'loops')
    faults.loops.push(`s${index} circles for ${service}`);
}

/** Whether a live link leads from each store of a way to the next. */
function isWay(world: MeshWorld, names: readonly string[]): boolean {
  const stores = names.map((name) => Number(name.slice(nameOf(0).length - 1)));
  return stores.every((store, place) => {
    const next = stores[place + 1];
    if (next === undefined) return true;
    const link = world.linkBetween(addressOf(store), addressOf(next));
    return link !== undefined && world.alive.has(link);
  });
}
