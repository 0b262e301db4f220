import type { Clock, Timer } from '../../src/support/clock.js';

/** A clock that stands still until a test moves it on. Everything happens within {@link advance}. */
export class ManualClock implements Clock {
  #now = 0;
  #order = 0;
  readonly #pending = new Set<{ at: number; order: number; fire: () => void }>();

  /** Timers that are set and have not fired. */
  get timers(): number {
    return this.#pending.size;
  }

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#now;
  }

  after(delayMs: number, fire: () => void): Timer {
    const call = { at: this.#now + Math.max(0, delayMs), order: this.#order++, fire };
    this.#pending.add(call);
    return { cancel: () => void this.#pending.delete(call) };
  }

  soon(fire: () => void): void {
    this.after(0, fire);
  }

  /** Moves time on, and fires what becomes due, in order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#pending].sort((a, b) => a.at - b.at || a.order - b.order);
      if (next === undefined || next.at > end) break;
      this.#pending.delete(next);
      this.#now = next.at;
      next.fire();
    }
    this.#now = end;
  }
}
