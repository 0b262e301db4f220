import type { RouteRow } from '../engine/rows.js';
import type { Clock, Timer } from '../support/clock.js';

/** How often a store repeats what it is and offers, ms (WIRE 3). */
export const RESYNC_INTERVAL_MS = 30_000;

/** Pause between two portions of a renewal, ms. */
const PORTION_EVERY_MS = 500;

/** Portions that one renewal is spread over at most: done long before the next one. */
const MOST_PORTIONS = 40;

/** Consumers that are renewed at once in any case: so few burden nobody. */
const SMALLEST_PORTION = 25;

/** What a renewal does. */
export interface RenewalWork {
  /** A new round. @returns what is to be renewed in it. */
  begin(): readonly RouteRow[];
  renew(row: RouteRow): void;
}

/** The 30 s rhythm of a store. Many consumers are renewed in portions, so that the mesh never gets all at once. */
export class Renewal {
  private roundTimer: Timer | undefined;
  private portionTimer: Timer | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly work: RenewalWork,
  ) {}

  start(): void {
    this.roundTimer = this.clock.after(RESYNC_INTERVAL_MS, () => {
      const due = this.work.begin();
      this.renewPortion(due, Math.max(SMALLEST_PORTION, Math.ceil(due.length / MOST_PORTIONS)));
      this.start();
    });
  }

  close(): void {
    this.roundTimer?.cancel();
    this.portionTimer?.cancel();
  }

  private renewPortion(due: readonly RouteRow[], size: number): void {
    for (const row of due.slice(0, size)) this.work.renew(row);
    if (due.length <= size) return;
    this.portionTimer = this.clock.after(PORTION_EVERY_MS, () => {
      this.renewPortion(due.slice(size), size);
    });
  }
}
