import type { RouteRow } from '../engine/rows.js';
import type { Clock } from '../support/clock.js';

/** From this load on a consumer has no room (WIRE 7). */
export const FULL_ROOM_PERCENT = 100;

/** How long a load figure counts, ms: an older one says nothing of now (DEFECTS 14: "scores age"). */
export const LOAD_MEMORY_MS = 5_000;

/** Takes back what was noted of a message: it did not go that way. */
export type TakeBack = () => void;

/** How a store chooses among the routes of a service. */
export interface RouteOrder {
  /** Orders two routes of one service; below 0: the first one is better. */
  compare(a: RouteRow, b: RouteRow): number;
  /** A message is offered that way. */
  chose(route: RouteRow): TakeBack;
}

/** The consumer's load, percent; 0 where the last figure is too old to say anything. */
export function knownRoom(route: RouteRow, now: number): number {
  return now - route.loadAt > LOAD_MEMORY_MS ? 0 : route.room;
}

/** Without `interStoreLB`: the nearest with room first. */
export class NearestFirst implements RouteOrder {
  constructor(private readonly clock: Clock) {}

  compare(a: RouteRow, b: RouteRow): number {
    const [roomOfA, roomOfB] = [knownRoom(a, this.clock.now()), knownRoom(b, this.clock.now())];
    return isFull(roomOfA) - isFull(roomOfB) || a.hopCount - b.hopCount || roomOfA - roomOfB || byName(a, b);
  }

  chose(): TakeBack {
    return () => undefined;
  }
}

function isFull(room: number): number {
  return room >= FULL_ROOM_PERCENT ? 1 : 0;
}

function byName(a: RouteRow, b: RouteRow): number {
  return a.via < b.via ? -1 : a.via > b.via ? 1 : 0;
}
