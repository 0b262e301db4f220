import type { Advertise } from '../protocol/verbs.js';
import type { Clock } from '../support/clock.js';

/** Advertisements under way to a 3.0.5 store at once: each costs it a TLS connection. */
const AT_ONCE_TO_VERSION_3 = 4;

/** Advertisements under way to a new store at once: they share kept connections, and none should wait for a round trip. */
const AT_ONCE_TO_VERSION_4 = 64;

/**
 * What one neighbour still has to be told, the latest word per consumer only. Words about the same
 * consumer go one after the other, so that a withdrawal cannot overtake what it withdraws.
 */
export class AdvertisementQueue {
  private readonly pending = new Map<string, Advertise>();
  private readonly sending = new Set<string>();
  private waitingForEnd: (() => void)[] = [];
  private scheduled = false;
  private closed = false;

  constructor(
    private readonly clock: Clock,
    private readonly toVersion4: () => boolean,
    private readonly send: (advert: Advertise) => Promise<void>,
  ) {}

  put(consumerKey: string, advert: Advertise): void {
    if (this.closed) return;
    this.pending.set(consumerKey, advert);
    this.schedule();
  }

  /** Fulfilled when everything was sent, or the queue closed. */
  drained(): Promise<void> {
    if (this.closed || (this.pending.size === 0 && this.sending.size === 0)) return Promise.resolve();
    return new Promise((resolve) => this.waitingForEnd.push(resolve));
  }

  close(): void {
    this.closed = true;
    this.pending.clear();
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
    const atOnce = this.toVersion4() ? AT_ONCE_TO_VERSION_4 : AT_ONCE_TO_VERSION_3;
    for (const [key, advert] of this.pending) {
      if (this.closed || this.sending.size >= atOnce) return;
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
