import type { Address } from '../protocol/address.js';
import type { Hop } from '../protocol/verbs.js';
import type { Neighbours } from './neighbours.js';

/** Where a read or a reply goes next on its way to the producer's store. */
export type NextHop =
  /** This store is the producer's. */
  | { readonly kind: 'here' }
  | { readonly kind: 'onward'; readonly to: Address; readonly path: readonly Hop[] }
  /** The path names a store that is no neighbour: nothing is sent to where a body says (SECURITY.md). */
  | { readonly kind: 'refused'; readonly why: string };

/** WIRE 6: a store that gets a path takes its last entry off and forwards to it; an empty path means itself. */
export function nextOnWayBack(path: readonly Hop[], neighbours: Neighbours): NextHop {
  const last = path.at(-1);
  if (last === undefined) return { kind: 'here' };
  const neighbour = neighbours.findAny(last.address);
  if (neighbour === undefined) {
    return {
      kind: 'refused',
      why: `${last.storeName} at ${last.address.host}:${last.address.port} is no neighbour`,
    };
  }
  return { kind: 'onward', to: neighbour.address, path: path.slice(0, -1) };
}

/**
 * How a consumer's store begins the way back of a notify: along the path it came (its own entry, the
 * last, left out), or straight to the producer's store where the message says so.
 */
export function beginWayBack(
  notifyPath: readonly Hop[],
  ownName: string,
  neighbours: Neighbours,
): NextHop | { readonly kind: 'direct'; readonly to: Address } {
  const [source] = notifyPath;
  if (source === undefined || source.storeName === ownName) return { kind: 'here' };
  if (source.reversePath) return nextOnWayBack(notifyPath.slice(0, -1), neighbours);
  const neighbour = neighbours.findAny(source.address);
  if (neighbour !== undefined) return { kind: 'onward', to: neighbour.address, path: [] };
  return { kind: 'direct', to: source.address };
}
