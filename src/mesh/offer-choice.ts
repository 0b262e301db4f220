import type { RouteRow } from '../engine/rows.js';
import { addressKey } from '../protocol/address.js';
import type { Balancer } from './balancer.js';

/** From this load on a consumer has no room (WIRE 7). */
export const FULL_ROOM_PERCENT = 100;

/** The neighbour that a route begins with: `host:port`. */
export function neighbourOf(route: RouteRow): string {
  return addressKey({ host: route.viaHost, port: route.viaPort });
}

/**
 * The neighbours to offer a message to, best first, one route each.
 *
 * Without a balancer: the nearest with room. With it: among all by room, then by whose turn it is
 * (NODES.md, `interStoreLB`). Routes without room come last rather than not at all: a figure
 * may be old, and only the consumer's store knows.
 */
export function rankRoutes(
  routes: readonly RouteRow[],
  options: { readonly balancer: Balancer | undefined; readonly avoid: (route: RouteRow) => boolean },
): readonly RouteRow[] {
  const best = new Map<string, RouteRow>();
  const compare = options.balancer?.compare ?? byDistance;
  for (const route of routes) {
    if (route.direction === 'local' || options.avoid(route)) continue;
    const known = best.get(neighbourOf(route));
    if (known === undefined || compare(route, known) < 0) best.set(neighbourOf(route), route);
  }
  return [...best.values()].sort(compare);
}

function byDistance(a: RouteRow, b: RouteRow): number {
  return fullness(a) - fullness(b) || a.hopCount - b.hopCount || a.room - b.room || byName(a, b);
}

function fullness(route: RouteRow): number {
  return route.room >= FULL_ROOM_PERCENT ? 1 : 0;
}

function byName(a: RouteRow, b: RouteRow): number {
  return a.via < b.via ? -1 : a.via > b.via ? 1 : 0;
}
