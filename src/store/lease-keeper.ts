import type { Engine } from '../engine/engine.js';
import type { NotifyRow } from '../engine/rows.js';
import { MAX_RENEWED_MESSAGES } from '../protocol/limits.js';
import type { Clock, Timer } from '../support/clock.js';
import { describe } from '../support/errors.js';
import type { Log } from '../support/log.js';
import { byWay, isLeased } from './leased-rows.js';
import type { WayHome } from './way-home.js';

/** How often a consumer's store says that it still has its messages, ms: three times in a lease (DESIGN.md, "Lease"). */
export const RENEW_EVERY_MS = 3_000;

/**
 * How soon a renewal that failed is said again, ms: the way may be whole again, and the lease ends a few seconds
 * later.
 */
export const RENEW_AGAIN_AFTER_MS = 500;

/** Says to the producers' stores that this store's consumers still have their messages, read or not. */
export class LeaseKeeper {
  private timer: Timer | undefined;
  private again: Timer | undefined;
  /** Ways on which the last renewal failed. */
  private readonly failed = new Set<string>();
  /** Ways on which a renewal has not been answered yet. */
  private readonly underWay = new Set<string>();
  private closed = false;

  constructor(
    private readonly storeName: string,
    private readonly engine: Engine,
    private readonly wayHome: Pick<WayHome, 'renew'>,
    private readonly clock: Clock,
    private readonly log: Log,
    /** The message is no longer this store's. */
    private readonly lost: (messageId: string) => void,
  ) {
    engine.notifies.onInsert((row) => {
      if (isLeased(row, storeName)) this.schedule();
    });
  }

  close(): void {
    this.closed = true;
    this.timer?.cancel();
    this.again?.cancel();
  }

  private schedule(): void {
    if (this.closed) return;
    this.timer ??= this.clock.after(RENEW_EVERY_MS, () => {
      this.timer = undefined;
      if (this.renewAll(() => true)) this.schedule();
    });
  }

  private scheduleAgain(): void {
    if (this.closed) return;
    this.again ??= this.clock.after(RENEW_AGAIN_AFTER_MS, () => {
      this.again = undefined;
      const failed = new Set(this.failed);
      this.failed.clear();
      this.renewAll((way) => failed.has(way));
    });
  }

  /** @returns whether there is anything to renew */
  private renewAll(isMeant: (way: string) => boolean): boolean {
    const leased = this.engine.notifies.rows().filter((row) => isLeased(row, this.storeName));
    for (const [way, rows] of byWay(leased)) {
      if (isMeant(way) && !this.underWay.has(way)) void this.renew(way, rows);
    }
    return leased.length > 0;
  }

  private async renew(way: string, rows: readonly NotifyRow[]): Promise<void> {
    this.underWay.add(way);
    try {
      for (let start = 0; start < rows.length; start += MAX_RENEWED_MESSAGES) {
        await this.renewSome(rows.slice(start, start + MAX_RENEWED_MESSAGES));
      }
    } catch (error) {
      // Without any the producer's store gives the messages to others.
      this.failed.add(way);
      this.scheduleAgain();
      this.log.debug(`leases could not be renewed: ${describe(error)}`);
    } finally {
      this.underWay.delete(way);
    }
  }

  private async renewSome(rows: readonly NotifyRow[]): Promise<void> {
    const [first] = rows;
    if (first === undefined) return;
    const held = rows.map(({ messageId, token }) => ({ messageId, token }));
    const { stale } = await this.wayHome.renew(first, { consumerStore: this.storeName, held, lost: [] });
    if (this.closed) return;
    const asked = new Map(held.map(({ messageId, token }) => [messageId, token]));
    for (const messageId of stale) {
      const token = this.engine.notifies.get(messageId)?.token;
      if (token !== undefined && asked.get(messageId) === token) this.lost(messageId);
    }
  }
}
