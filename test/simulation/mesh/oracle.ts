import type { Index, Link, Topology } from './topology.js';

/** Most links of a way (docs/PROTOCOL.md, "Registrations"). */
const MOST_HOPS = 16;

/** How a word about a consumer came to a store, as far as it matters for who may hear it next. */
type Arrival = 'fromSouth' | 'redistributed' | 'toHere';

/**
 * How far each store is from a store whose consumer it may know of, straight from the relaying rule
 * (WIRE 3) and apart from the code under test: links of the shortest way, by store. No entry: it
 * must not know of it.
 */
export function distancesFrom(
  origin: Index,
  topology: Topology,
  alive: ReadonlySet<Link>,
): ReadonlyMap<Index, number> {
  const { norths, souths } = neighboursIn(topology, alive);
  const reached = new Set<string>();
  const distances = new Map<Index, number>([[origin, 0]]);
  let front: { readonly at: Index; readonly arrival: Arrival }[] = [{ at: origin, arrival: 'fromSouth' }];
  for (let hops = 1; hops <= MOST_HOPS && front.length > 0; hops += 1) {
    const next: typeof front = [];
    const arrive = (at: Index, arrival: Arrival): void => {
      const state = `${arrival} ${at}`;
      if (at === origin || reached.has(state)) return;
      reached.add(state);
      if (!distances.has(at)) distances.set(at, hops);
      next.push({ at, arrival });
    };
    for (const { at, arrival } of front) {
      if (arrival === 'fromSouth') {
        for (const { north } of norths.get(at) ?? []) {
          if (!topology.closedToSouth.has(north)) arrive(north, 'fromSouth');
        }
      }
      if (arrival === 'toHere') continue;
      for (const { south, redistribute } of souths.get(at) ?? []) {
        arrive(south, redistribute ? 'redistributed' : 'toHere');
      }
    }
    front = next;
  }
  return distances;
}

function neighboursIn(
  topology: Topology,
  alive: ReadonlySet<Link>,
): { norths: Map<Index, Link[]>; souths: Map<Index, Link[]> } {
  const norths = new Map<Index, Link[]>();
  const souths = new Map<Index, Link[]>();
  for (const link of topology.links) {
    if (!alive.has(link)) continue;
    norths.set(link.south, [...(norths.get(link.south) ?? []), link]);
    souths.set(link.north, [...(souths.get(link.north) ?? []), link]);
  }
  return { norths, souths };
}
