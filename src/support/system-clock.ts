import type { Clock, Timer } from './clock.js';

/** Longest delay that Node's timers take (2^31 - 1 ms, about 24.8 days); a longer one would fire at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** The real clock. Timers are unreferenced: a store that waits does not keep a process alive. */
export class SystemClock implements Clock {
  now(): number {
    return performance.now();
  }

  wall(): number {
    return Date.now();
  }

  after(delayMs: number, fire: () => void): Timer {
    const handle = setTimeout(fire, Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS));
    handle.unref();
    return {
      cancel: () => {
        clearTimeout(handle);
      },
    };
  }

  soon(fire: () => void): void {
    setImmediate(fire);
  }
}
