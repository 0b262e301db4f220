import type { SeededRandom } from '../seeded-random.js';

/** A store by its place in the topology. */
export type Index = number;

/** `south` has `north` among its norths. */
export interface Link {
  readonly south: Index;
  readonly north: Index;
  readonly redistribute: boolean;
  /** Milliseconds that a request, or its answer, is on the way. */
  readonly delayMs: number;
}

/** Who is linked to whom. */
export interface Topology {
  readonly stores: number;
  readonly links: readonly Link[];
  /** Stores that accept nothing from their souths. */
  readonly closedToSouth: ReadonlySet<Index>;
}

export const TOPOLOGY_NAMES = ['tree', 'rings', 'diamonds', 'random'] as const;
export type TopologyName = (typeof TOPOLOGY_NAMES)[number];

/** Delays of the links, ms. */
const SHORTEST_DELAY_MS = 5;
const LONGEST_DELAY_MS = 100;

/** Souths of each store of a tree. */
const BRANCHES = 6;
/** Stores of the core, and of each ring that hangs on it. */
const CORE_RING = 8;
const ACCESS_RING = 9;
/** Of a hundred norths in a random mesh so many do not redistribute. */
const NOT_REDISTRIBUTING_PERCENT = 20;
/** Of a hundred stores of a random mesh so many take nothing from their souths. */
const CLOSED_PERCENT = 5;

/** Makes the topology of that name with about so many stores. */
export function makeTopology(name: TopologyName, stores: number, random: SeededRandom): Topology {
  const builder = new Builder(random);
  switch (name) {
    case 'tree':
      return tree(builder, stores);
    case 'rings':
      return rings(builder, stores);
    case 'diamonds':
      return diamonds(builder, stores);
    case 'random':
      return randomMesh(builder, stores);
  }
}

class Builder {
  readonly links: Link[] = [];
  readonly closedToSouth = new Set<Index>();

  constructor(readonly random: SeededRandom) {}

  link(south: Index, north: Index, redistribute = true): void {
    if (south === north || this.links.some((link) => link.south === south && link.north === north)) return;
    const delayMs = this.random.between(SHORTEST_DELAY_MS, LONGEST_DELAY_MS);
    this.links.push({ south, north, redistribute, delayMs });
  }

  done(stores: number): Topology {
    return { stores, links: this.links, closedToSouth: this.closedToSouth };
  }
}

/** Each store has one north. */
function tree(builder: Builder, stores: number): Topology {
  for (let store = 1; store < stores; store += 1) builder.link(store, Math.floor((store - 1) / BRANCHES));
  return builder.done(stores);
}

/** A ring of stores, each of which is also in some rings of its own. North links go round. */
function rings(builder: Builder, stores: number): Topology {
  const core = Math.min(CORE_RING, stores);
  ring(
    builder,
    Array.from({ length: core }, (_, index) => index),
  );
  let next = core;
  for (let hub = 0; next < stores; hub = (hub + 1) % core) {
    const members = [hub];
    for (; members.length < ACCESS_RING && next < stores; next += 1) members.push(next);
    ring(builder, members);
  }
  return builder.done(stores);
}

/** Stores of a ring see each other only if they are each other's north: services pass from north to north. */
function ring(builder: Builder, members: readonly Index[]): void {
  members.forEach((store, place) => {
    const next = members[(place + 1) % members.length];
    if (next === undefined) return;
    builder.link(store, next);
    builder.link(next, store);
  });
}

/** Three storeys: a core whose stores know each other, pairs below it, and stores with two of these as norths. */
function diamonds(builder: Builder, stores: number): Topology {
  const core = 4;
  const middle = Math.min(stores, core + 2 * Math.ceil(stores / 40));
  for (let store = 1; store < core; store += 1) {
    for (let other = 0; other < store; other += 1) builder.link(store, other);
  }
  for (let store = core; store < middle; store += 1) {
    builder.link(store, store % core);
    builder.link(store, (store + 1) % core);
  }
  for (let store = middle; store < stores; store += 1) {
    const pair = core + 2 * builder.random.whole(0, (middle - core) / 2 - 1);
    builder.link(store, pair);
    builder.link(store, pair + 1);
  }
  return builder.done(stores);
}

/** One to three norths each, whichever; some links go round in circles. */
function randomMesh(builder: Builder, stores: number): Topology {
  const { random } = builder;
  for (let store = 1; store < stores; store += 1) {
    for (let norths = random.whole(1, 3); norths > 0; norths -= 1) {
      // The square draws towards the first stores, as hubs do.
      const north = Math.floor(random.fraction() ** 2 * store);
      builder.link(store, north, !random.chance(NOT_REDISTRIBUTING_PERCENT));
    }
    if (random.chance(CLOSED_PERCENT)) builder.closedToSouth.add(store);
  }
  for (let extra = stores / 20; extra > 0; extra -= 1) {
    builder.link(random.whole(0, stores - 1), random.whole(0, stores - 1));
  }
  return builder.done(stores);
}
