import type { RouteRow } from '../engine/rows.js';

interface Refusal {
  readonly at: number;
  /** A store that has started anew remembers nobody. */
  readonly bootId: string;
}

/**
 * The routes whose stores had no room and have promised to say when they have (`vacancy`). Kept by row:
 * one that was learned anew is a new row, and nobody has promised anything about it.
 */
export class Refusals {
  private readonly byRoute = new WeakMap<RouteRow, Refusal>();

  /** @param now monotonic ms */
  note(routes: Iterable<RouteRow>, now: number): void {
    for (const route of routes) this.byRoute.set(route, { at: now, bootId: route.bootId });
  }

  /** The store has room, or is to be asked whatever it promised. */
  lift(routes: Iterable<RouteRow>): void {
    for (const route of routes) this.byRoute.delete(route);
  }

  /** Whether a call is still to be waited for. @param patienceMs after so long the promise counts as lost */
  standsFor(route: RouteRow, now: number, patienceMs: number): boolean {
    const refusal = this.byRoute.get(route);
    return refusal?.bootId === route.bootId && now - refusal.at < patienceMs;
  }
}
