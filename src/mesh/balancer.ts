import type { RouteRow } from '../engine/rows.js';
import type { Clock } from '../support/clock.js';

/** How long a load figure counts, ms: an older one says nothing of now (DEFECTS 14: "scores age"). */
export const LOAD_MEMORY_MS = 5_000;

/** Least cost of a message, ms: below it differences in reply time are noise of the network. */
const LEAST_COST_MS = 20;

/** Most neighbours and services that are remembered. */
const REMEMBERED_TURNS = 4_096;

/**
 * Spreads the messages of a service over equal ways (`interStoreLB`). Room decides first. Among ways
 * with the same room turns are taken as in weighted fair queueing: each message costs its way the
 * reply time, and the way that has paid least is next. Equals share evenly, a slow one gets its part.
 */
export class Balancer {
  private readonly paid = new Map<string, number>();
  private latest = 0;

  constructor(private readonly clock: Clock) {}

  /** Orders two routes of one service to different neighbours; below 0: the first one is better. */
  readonly compare = (a: RouteRow, b: RouteRow): number =>
    this.roomOf(a) - this.roomOf(b) || this.paidBy(a) - this.paidBy(b) || a.hopCount - b.hopCount;

  /** A message went that way. */
  chose(route: RouteRow): void {
    const key = turnKey(route);
    const now = this.paidBy(route);
    this.latest = now;
    this.paid.delete(key);
    this.paid.set(key, now + Math.max(LEAST_COST_MS, route.replyMs));
    for (const oldest of this.paid.keys()) {
      if (this.paid.size <= REMEMBERED_TURNS) return;
      this.paid.delete(oldest);
    }
  }

  private roomOf(route: RouteRow): number {
    return this.clock.now() - route.loadAt > LOAD_MEMORY_MS ? 0 : route.room;
  }

  /** One that is new, or was away, takes its turn now and need not catch up. */
  private paidBy(route: RouteRow): number {
    return Math.max(this.paid.get(turnKey(route)) ?? 0, this.latest);
  }
}

function turnKey(route: RouteRow): string {
  return `${route.service}\n${route.viaHost}:${route.viaPort}`;
}
