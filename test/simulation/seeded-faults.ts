import { addressKey, type Address } from '../../src/protocol/address.js';
import type { Fate, Faults, Passage } from '../../src/transport/memory-faults.js';
import type { SeededRandom } from './seeded-random.js';
import { CALM, drawFate, type Weather } from './weather.js';

/** Bodies in a simulation are about this long at most; a cut comes after a share of it. */
const CUT_WITHIN_BYTES = 3_000;

/** The weather's faults for the virtual network that carries bytes. */
export class SeededFaults implements Faults {
  weather: Weather = CALM;
  readonly #random: SeededRandom;
  /** Directions in which nothing passes, `from>to`; each transport is named after its store's address. */
  readonly #separated = new Set<string>();

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** Lets nothing pass between two stores, in either direction, until {@link heal}. */
  separate(a: Address, b: Address): void {
    this.#separated.add(`${addressKey(a)}>${addressKey(b)}`);
    this.#separated.add(`${addressKey(b)}>${addressKey(a)}`);
  }

  /** Ends all separations and calms the weather. */
  heal(): void {
    this.#separated.clear();
    this.weather = CALM;
  }

  fate(passage: Passage): Fate {
    const drawn = drawFate(this.weather, this.#random);
    const { requestDelayMs, answerDelayMs, answerLost, cutAfter, repeatAfterMs } = drawn;
    const requestLost = drawn.dropped || this.#separated.has(`${passage.from}>${addressKey(passage.to)}`);
    const cut = cutAfter === undefined ? undefined : Math.floor(cutAfter * CUT_WITHIN_BYTES);
    return {
      requestDelayMs,
      answerDelayMs,
      chunkDelayMs: this.weather.minDelayMs,
      requestLost,
      answerLost,
      ...(cut !== undefined &&
        (drawn.writtenInFull ? { cutAnswerAfterBytes: cut } : { cutRequestAfterBytes: cut })),
      ...(repeatAfterMs !== undefined && { repeat: { afterMs: repeatAfterMs, sent: drawn.writtenInFull } }),
    };
  }
}
