import type { SeededRandom } from './seeded-random.js';

/** How badly the network behaves for a while. All shares are percent of requests. */
export interface Weather {
  /** Shortest and longest time on the way, each direction, ms. Their spread is what puts requests out of order. */
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  /** Share that takes {@link slowMs} longer: late enough to be given up by the sender, and still to arrive. */
  readonly slowPercent: number;
  readonly slowMs: number;
  /** Share that never arrives. */
  readonly dropPercent: number;
  /** Share that is carried out, and whose answer never arrives. */
  readonly loseAnswerPercent: number;
  /** Share that arrives a second time, a little later. */
  readonly repeatPercent: number;
  /** Share whose connection breaks in the midst of a body. */
  readonly cutPercent: number;
}

/** A network that only takes its time. */
export const CALM: Weather = {
  minDelayMs: 0.5,
  maxDelayMs: 3,
  slowPercent: 0,
  slowMs: 0,
  dropPercent: 0,
  loseAnswerPercent: 0,
  repeatPercent: 0,
  cutPercent: 0,
};

/** What becomes of one request. */
export interface Fate {
  readonly requestDelayMs: number;
  readonly answerDelayMs: number;
  readonly dropped: boolean;
  readonly answerLost: boolean;
  /** Milliseconds after the first arrival at which it arrives again; undefined: it does not. */
  readonly repeatAfterMs: number | undefined;
  /** Part of the body, 0 up to 1, after which the connection breaks; undefined: it holds. */
  readonly cutAfter: number | undefined;
  /**
   * Where the other end does not get the whole: whether the writing side handed all of it to the
   * network none the less. A writer cannot see how much of that was received.
   */
  readonly writtenInFull: boolean;
}

/** Longest time between a request and its repetition: far beyond any time limit of a call. */
const LATEST_REPEAT_MS = 40_000;

/** Draws the fate of a request. Always draws the same count of numbers, whatever the weather. */
export function drawFate(weather: Weather, random: SeededRandom): Fate {
  const delay = (): number => random.between(weather.minDelayMs, weather.maxDelayMs);
  const happens = (percent: number): boolean => random.fraction() * 100 < percent;
  const requestDelayMs = delay() + (happens(weather.slowPercent) ? weather.slowMs : 0);
  const answerDelayMs = delay() + (happens(weather.slowPercent) ? weather.slowMs : 0);
  const dropped = happens(weather.dropPercent);
  const answerLost = happens(weather.loseAnswerPercent);
  const repeated = happens(weather.repeatPercent);
  // Most repetitions follow at once, some come after everything else is over: the power does that.
  const repeatAfterMs = LATEST_REPEAT_MS * random.fraction() ** 4;
  const cut = happens(weather.cutPercent);
  const cutAfter = random.fraction();
  const writtenInFull = random.fraction() < 0.5;
  return {
    requestDelayMs,
    answerDelayMs,
    dropped,
    answerLost,
    repeatAfterMs: repeated ? repeatAfterMs : undefined,
    cutAfter: cut ? cutAfter : undefined,
    writtenInFull,
  };
}
