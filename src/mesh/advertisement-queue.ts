import type { Advertise } from '../protocol/verbs.js';
import type { Clock } from '../support/clock.js';

/** Advertisements under way to a 3.0.5 store at once: each costs it a TLS connection. */
const AT_ONCE_TO_VERSION_3 = 4;

/** Advertisements under way to a new store at once: they share kept connections, and none should wait for a round trip. */
const AT_ONCE_TO_VERSION_4 = 64;

/**
 * Words about the same consumer under way to a new store at once: one for each length that a way may have (16), since
 * after a link has failed ways of all lengths may be found and lost in turn. So none waits for the answer to the one
 * before, which at each store on the way would take a round trip more. The `turn` of a word says what was said later.
 */
export const PER_CONSUMER_TO_VERSION_4 = 16;

/** To a 3.0.5 store they go one after the other, so that a withdrawal cannot overtake what it withdraws. */
const PER_CONSUMER_TO_VERSION_3 = 1;

/** What one neighbour still has to be told, the latest word per consumer only. */
export class AdvertisementQueue {
  private readonly pending = new Map<string, Advertise>();
  /** Words under way, by consumer. */
  private readonly sending = new Map<string, number>();
  private underWay = 0;
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
    const version4 = this.toVersion4();
    const atOnce = version4 ? AT_ONCE_TO_VERSION_4 : AT_ONCE_TO_VERSION_3;
    const perConsumer = version4 ? PER_CONSUMER_TO_VERSION_4 : PER_CONSUMER_TO_VERSION_3;
    for (const [key, advert] of this.pending) {
      if (this.closed || this.underWay >= atOnce) return;
      if ((this.sending.get(key) ?? 0) >= perConsumer) continue;
      this.pending.delete(key);
      this.count(key, 1);
      void this.send(advert).finally(() => {
        this.count(key, -1);
        if (this.pending.size > 0) this.pump();
        else this.settle();
      });
    }
    this.settle();
  }

  private count(key: string, change: number): void {
    this.underWay += change;
    const left = (this.sending.get(key) ?? 0) + change;
    if (left > 0) this.sending.set(key, left);
    else this.sending.delete(key);
  }

  private settle(): void {
    if (!this.closed && (this.pending.size > 0 || this.sending.size > 0)) return;
    const waiting = this.waitingForEnd;
    this.waitingForEnd = [];
    for (const resolve of waiting) resolve();
  }
}
