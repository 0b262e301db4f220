import type { Advertise } from '../protocol/verbs.js';
import type { Clock } from '../support/clock.js';

/** Advertisements under way to one neighbour at once: enough to hide the way's delay, few enough to leave it room. */
const SENDING_AT_ONCE = 4;

/**
 * What one neighbour still has to be told, the latest word per consumer only. Words about the same
 * consumer go one after the other, so that a withdrawal cannot overtake what it withdraws.
 */
export class AdvertisementQueue {
  private readonly pending = new Map<string, Advertise>();
  private readonly last = new Map<string, Advertise>();
  private readonly sending = new Set<string>();
  private waitingForEnd: (() => void)[] = [];
  private scheduled = false;
  private closed = false;

  constructor(
    private readonly clock: Clock,
    private readonly send: (advert: Advertise) => Promise<void>,
  ) {}

  put(consumerKey: string, advert: Advertise): void {
    if (this.closed) return;
    this.pending.set(consumerKey, advert);
    this.last.set(consumerKey, advert);
    this.schedule();
  }

  /** What was last said of a consumer; undefined where nothing was. */
  lastPut(consumerKey: string): Advertise | undefined {
    return this.last.get(consumerKey);
  }

  /** Fulfilled when everything was sent, or the queue closed. */
  drained(): Promise<void> {
    if (this.closed || (this.pending.size === 0 && this.sending.size === 0)) return Promise.resolve();
    return new Promise((resolve) => this.waitingForEnd.push(resolve));
  }

  close(): void {
    this.closed = true;
    this.pending.clear();
    this.last.clear();
    this.settle();
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    this.clock.soon(() => {
      this.scheduled = false;
      this.pump();
    });
  }

  private pump(): void {
    for (const [key, advert] of this.pending) {
      if (this.closed || this.sending.size >= SENDING_AT_ONCE) return;
      if (this.sending.has(key)) continue;
      this.pending.delete(key);
      this.sending.add(key);
      void this.send(advert).finally(() => {
        this.sending.delete(key);
        if (this.pending.size > 0) this.pump();
        else this.settle();
      });
    }
    this.settle();
  }

  private settle(): void {
    if (!this.closed && (this.pending.size > 0 || this.sending.size > 0)) return;
    const waiting = this.waitingForEnd;
    this.waitingForEnd = [];
    for (const resolve of waiting) resolve();
  }
}
