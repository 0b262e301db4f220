import type { RouteRow } from '../engine/rows.js';
import type { Address } from '../protocol/address.js';
import type { Hop } from '../protocol/verbs.js';
import type { Neighbour, Neighbours } from './neighbours.js';
import { storesPassed } from './route-path.js';
import type { Routes } from './routes.js';
import { STORE_ITSELF } from './store-route.js';

/** Where a read or a reply goes next on its way to the producer's store. */
export type NextHop =
  /** This store is the producer's. */
  | { readonly kind: 'here' }
  | { readonly kind: 'onward'; readonly neighbour: Neighbour; readonly path: readonly Hop[] }
  /** The path names a store that is no neighbour: nothing is sent to where a body says (SECURITY.md). */
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Finds the way of reads and replies back to the producer's store: along the path that the notify came,
 * or, where the next store of it is away, by any other way to the producer's store that is known.
 */
export class WayBack {
  constructor(
    private readonly ownName: string,
    private readonly neighbours: Neighbours,
    /** Ways to stores themselves; empty where a 3.0.5 store lies between. */
    private readonly stores: Routes,
  ) {}

  /** WIRE 6: a store that gets a path takes its last entry off and forwards to it; an empty path means itself. */
  next(path: readonly Hop[]): NextHop {
    const last = path.at(-1);
    const [source] = path;
    if (last === undefined || source === undefined) return { kind: 'here' };
    const neighbour = this.neighbourOf(last);
    if (neighbour !== undefined && isWell(neighbour)) {
      return { kind: 'onward', neighbour, path: path.slice(0, -1) };
    }
    const detour = this.detour(source, neighbour);
    if (detour !== undefined) return detour;
    if (neighbour !== undefined) return { kind: 'onward', neighbour, path: path.slice(0, -1) };
    const { host, port } = last.address;
    return { kind: 'refused', why: `${last.storeName} at ${host}:${port} is no neighbour` };
  }

  /**
   * How a consumer's store begins the way back of a notify: along the path it came (its own entry, the
   * last, left out), or straight to the producer's store where the message says so.
   */
  begin(notifyPath: readonly Hop[]): NextHop | { readonly kind: 'direct'; readonly to: Address } {
    const [source] = notifyPath;
    if (source === undefined || source.storeName === this.ownName) return { kind: 'here' };
    if (source.reversePath) return this.next(notifyPath.slice(0, -1));
    const neighbour = this.neighbours.findAny(source.address);
    if (neighbour !== undefined) return { kind: 'onward', neighbour, path: [] };
    return { kind: 'direct', to: source.address };
  }

  /** Whether what is to take this path on from a neighbour could go round it. */
  canAvoid(neighbour: Neighbour, path: readonly Hop[]): boolean {
    const [source] = path;
    return source !== undefined && this.detour(source, neighbour) !== undefined;
  }

  /** The stores of a detour are known by name alone: its entries all have the address of the producer's store. */
  private neighbourOf({ address, storeName }: Hop): Neighbour | undefined {
    const there = this.neighbours.findAny(address);
    if (there !== undefined && (there.storeName ?? storeName) === storeName) return there;
    return this.neighbours.findNamed(storeName) ?? there;
  }

  private detour(source: Hop, instead: Neighbour | undefined): NextHop | undefined {
    const routes = [...this.stores.ofConsumer(source.storeName, STORE_ITSELF)];
    routes.sort((a, b) => a.hopCount - b.hopCount);
    for (const route of routes) {
      const neighbour = this.neighbours.findAny({ host: route.viaHost, port: route.viaPort });
      if (neighbour === undefined || neighbour.key === instead?.key || !isWell(neighbour)) continue;
      return { kind: 'onward', neighbour, path: pathAlong(route) };
    }
    return undefined;
  }
}

function isWell(neighbour: Neighbour): boolean {
  return neighbour.reachable && !neighbour.suspect;
}

/** The stores of a route that lie behind its neighbour, as a path back: given in full, so that it cannot loop. */
function pathAlong(route: RouteRow): readonly Hop[] {
  const address = { host: route.storeHost, port: route.storePort };
  return storesPassed(route)
    .slice(0, -1)
    .map((storeName) => ({ storeName, address, reversePath: true }));
}
