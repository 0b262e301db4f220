import { refused } from './refusal.js';

/** How far the clocks of two stores may be apart, ms: more than good clocks are, less than a replay needs. */
export const CLOCK_TOLERANCE_MS = 60_000;

const MS_PER_SECOND = 1_000;

/** @throws RedlinkError `CLOCK_SKEW` where a time that a peer gave is too far from this store's. */
export function mustBeNow(peerTime: string | undefined, now: number): void {
  const time = peerTime !== undefined && /^\d{1,15}$/.test(peerTime) ? Number(peerTime) : NaN;
  const apart = Math.abs(time - now);
  if (apart <= CLOCK_TOLERANCE_MS) return;
  throw refused('CLOCK_SKEW', Number.isNaN(apart) ? '' : `by ${Math.round(apart / MS_PER_SECOND)} s`);
}
