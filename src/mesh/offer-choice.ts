import type { RouteRow } from '../engine/rows.js';
import { addressKey } from '../protocol/address.js';
import type { RouteOrder } from './route-order.js';

/** The neighbour that a route begins with: `host:port`. */
export function neighbourOf(route: RouteRow): string {
  return addressKey({ host: route.viaHost, port: route.viaPort });
}

/** Whether a route leads to a store that an offer has passed, by name or by the key of the neighbour: it goes to none twice. */
export function leadsBack(
  route: RouteRow,
  passed: ReadonlySet<string>,
  keys: ReadonlySet<string | undefined>,
): boolean {
  return passed.has(route.storeName) || keys.has(neighbourOf(route));
}

/**
 * The neighbours to offer a message to, best first, one route each. Routes without room come last
 * rather than not at all: a figure may be old, and only the consumer's store knows.
 */
export function rankRoutes(
  routes: readonly RouteRow[],
  options: {
    readonly order: RouteOrder;
    readonly avoid: (route: RouteRow) => boolean;
    /** Whether a neighbour, by its key, stands still: it comes last. */
    readonly isSuspect?: (key: string) => boolean;
  },
): readonly RouteRow[] {
  const { order, isSuspect } = options;
  const standsStill = (route: RouteRow): number => (isSuspect?.(neighbourOf(route)) === true ? 1 : 0);
  const best = new Map<string, RouteRow>();
  for (const route of routes) {
    if (route.direction === 'local' || options.avoid(route)) continue;
    const known = best.get(neighbourOf(route));
    if (known === undefined || order.compare(route, known) < 0) best.set(neighbourOf(route), route);
  }
  return [...best.values()].sort((a, b) => standsStill(a) - standsStill(b) || order.compare(a, b));
}
