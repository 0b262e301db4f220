import { addressKey, type Address } from '../protocol/address.js';
import type { Clock, Timer } from '../support/clock.js';
import type { Peers } from '../transport/port.js';

/** Between two tries to reach a lost south, ms: after a partition its link is whole again within about this. */
export const RECALL_EVERY_MS = 1_000;

/**
 * A south is tried for so long, ms. It announces itself every 30 s; should it not get through then, it knows that the
 * link is broken and tries four times a second itself.
 */
export const RECALL_FOR_MS = 40_000;

/** Most souths that are tried: a flood of announcements from addresses that lead nowhere must not make much work. */
const MAX_RECALLED = 256;

/**
 * Calls lost souths back. A north that gives a south up forgets it; the south may not have noticed anything, and would
 * not say a word before its next regular announcement.
 */
export class Recall {
  /** Until when each is tried, monotonic ms, by the key of its address. */
  private readonly lost = new Map<string, { readonly south: Address; readonly until: number }>();
  private timer: Timer | undefined;
  private closed = false;

  constructor(
    private readonly self: Address,
    private readonly peers: Peers,
    private readonly clock: Clock,
  ) {}

  close(): void {
    this.closed = true;
    this.timer?.cancel();
    this.lost.clear();
  }

  /** A south that speaks version 4 has been given up. */
  begin(south: Address): void {
    if (this.closed || this.lost.size >= MAX_RECALLED) return;
    this.lost.set(addressKey(south), { south, until: this.clock.now() + RECALL_FOR_MS });
    this.tryLater();
  }

  /** It has announced itself. */
  end(south: Address): void {
    if (!this.lost.delete(addressKey(south)) || this.lost.size > 0) return;
    this.timer?.cancel();
    this.timer = undefined;
  }

  private tryLater(): void {
    if (this.timer !== undefined || this.lost.size === 0 || this.closed) return;
    this.timer = this.clock.after(RECALL_EVERY_MS, () => {
      this.timer = undefined;
      for (const [key, { south, until }] of this.lost) {
        if (this.clock.now() >= until) this.lost.delete(key);
        else void this.call(south);
      }
      this.tryLater();
    });
  }

  /** An earlier try may still be under way, in a connection that leads nowhere: a new one does not wait for it. */
  private async call(south: Address): Promise<void> {
    try {
      await this.peers.call(south, { verb: 'recall', by: this.self });
    } catch {
      // It is away, as is known: its loss was reported, and the next try follows.
    }
  }
}
