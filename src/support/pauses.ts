import type { Clock, Timer } from './clock.js';

/** Pauses between tries, all of which end at once when their owner closes. */
export class Pauses {
  private readonly pending = new Map<Timer, () => void>();

  constructor(private readonly clock: Clock) {}

  /** Fulfilled after so many milliseconds, or by {@link endAll}. */
  wait(pauseMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.clock.after(pauseMs, () => {
        this.pending.delete(timer);
        resolve();
      });
      this.pending.set(timer, resolve);
    });
  }

  endAll(): void {
    for (const [timer, resume] of this.pending) {
      timer.cancel();
      resume();
    }
    this.pending.clear();
  }
}
