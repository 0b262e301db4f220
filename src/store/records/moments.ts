import type { Clock } from '../../support/clock.js';

/**
 * Moments of an earlier process on the clock of this one. A record says when by the clock on the
 * wall, because the monotonic one begins anew with each process; the clock on the wall may have been
 * set meanwhile, so that no more than the whole lifetime is ever left, and no less than nothing.
 */
export class Moments {
  private readonly now: number;
  private readonly wall: number;

  constructor(clock: Clock) {
    this.now = clock.now();
    this.wall = clock.wall();
  }

  /** When a message was accepted and ends, monotonic ms. */
  recall(acceptedEpochMs: number, lifetimeMs: number): { acceptedAt: number; deadlineAt: number } {
    const age = Math.min(Math.max(0, this.wall - acceptedEpochMs), lifetimeMs);
    const acceptedAt = this.now - (age === Infinity ? 0 : age);
    return { acceptedAt, deadlineAt: acceptedAt + lifetimeMs };
  }

  /** A moment to come that was written down by the clock on the wall; `null`: never. */
  ahead(epochMs: number | null, atMostMs: number): number {
    if (epochMs === null) return Infinity;
    return this.now + Math.min(Math.max(0, epochMs - this.wall), atMostMs);
  }
}
