import { type Clock, MS_PER_SECOND } from './clock.js';
import { RedlinkError } from './errors.js';

/** Units of time that the nodes' rate limits are set in (NODES.md, `rateUnitsSendReceive`), milliseconds. */
const MS_PER_UNIT = {
  second: MS_PER_SECOND,
  minute: 60 * MS_PER_SECOND,
  hour: 3_600 * MS_PER_SECOND,
  day: 86_400 * MS_PER_SECOND,
} as const;

export type RateUnit = keyof typeof MS_PER_UNIT;

/** So many messages in so many units of time: 5 per 2 minutes. */
export interface Rate {
  /** Whole number, at least 1. */
  readonly messages: number;
  /** Number of units, above 0; may be a fraction. */
  readonly periods: number;
  readonly unit: RateUnit;
}

/** Whether a text names a unit of time. */
export function isRateUnit(text: string): text is RateUnit {
  return Object.hasOwn(MS_PER_UNIT, text);
}

/**
 * Lets at most `messages` pass within any period of `periods × unit`: a sliding window over the
 * moments of the last ones. They may pass at once, so a rate of 10 per minute does not hold up a
 * single message; a token bucket would let up to twice as many through around its refill.
 * It only counts and never drops anything: what may not pass yet waits with the caller.
 */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #messages: number;
  readonly #periodMs: number;
  /** Moments of the last messages that passed, used as a ring once it holds `messages` of them. */
  readonly #passed: number[] = [];
  /** Place of the oldest moment in the full ring. */
  #oldest = 0;

  /** @throws RedlinkError `BAD_CONFIGURATION` where the rate is not one. */
  constructor(clock: Clock, rate: Rate) {
    if (!Number.isSafeInteger(rate.messages) || rate.messages < 1) {
      throw new RedlinkError(
        'BAD_CONFIGURATION',
        'A rate limit needs a whole number of messages, at least 1',
      );
    }
    if (!Number.isFinite(rate.periods) || rate.periods <= 0) {
      throw new RedlinkError('BAD_CONFIGURATION', 'A rate limit needs a period longer than 0');
    }
    this.#clock = clock;
    this.#messages = rate.messages;
    this.#periodMs = rate.periods * MS_PER_UNIT[rate.unit];
  }

  /** Whether one more message may pass now; if so it has been counted. */
  take(): boolean {
    const now = this.#clock.now();
    if (this.#freeAt() > now) return false;
    if (this.#passed.length < this.#messages) {
      this.#passed.push(now);
    } else {
      this.#passed[this.#oldest] = now;
      this.#oldest = (this.#oldest + 1) % this.#messages;
    }
    return true;
  }

  /** Whole milliseconds until {@link take} can be true; 0: now. */
  delayMs(): number {
    return Math.max(0, Math.ceil(this.#freeAt() - this.#clock.now()));
  }

  /** Moment of the clock at which the oldest message leaves the window. */
  #freeAt(): number {
    const oldest = this.#passed[this.#oldest];
    if (oldest === undefined || this.#passed.length < this.#messages) return -Infinity;
    return oldest + this.#periodMs;
  }
}
