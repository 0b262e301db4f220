/** Two to the power of 32: turns a whole 32-bit number into a fraction. */
const TWO_TO_32 = 4_294_967_296;

/**
 * Random numbers that one seed fixes (sfc32). Not for secrets: for simulations that must run the same
 * way twice.
 */
export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: string | number) {
    const text = String(seed);
    this.#a = hash(text, 1);
    this.#b = hash(text, 2);
    this.#c = hash(text, 3);
    for (let round = 0; round < 12; round += 1) this.#next32();
  }

  /**
   * A generator of its own for one part of a run, fixed by seed and label: what that part draws
   * changes nothing for the others.
   */
  fork(label: string): SeededRandom {
    return new SeededRandom(`${this.#a}:${this.#b}:${this.#c}:${this.#counter}:${label}`);
  }

  /** A fraction from 0 up to, and without, 1. */
  fraction(): number {
    return this.#next32() / TWO_TO_32;
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1));
  }

  /** A number from `low` up to `high`. */
  between(low: number, high: number): number {
    return low + this.fraction() * (high - low);
  }

  /** True in `percent` of the cases. Draws nothing at 0, so that a fault switched off costs no number. */
  chance(percent: number): boolean {
    return percent > 0 && this.fraction() * 100 < percent;
  }

  /** One of the items, all equally likely. @throws Error where there is none. */
  pick<T>(items: readonly T[]): T {
    const index = this.whole(0, items.length - 1);
    for (const item of items.slice(index, index + 1)) return item;
    throw new Error('nothing to pick from');
  }

  /** Thirty-two random hexadecimal digits: for ids. */
  hex(): string {
    return [0, 0, 0, 0].map(() => this.#next32().toString(16).padStart(8, '0')).join('');
  }

  #next32(): number {
    const sum = (this.#a + this.#b + this.#counter) >>> 0;
    this.#counter = (this.#counter + 1) >>> 0;
    this.#a = (this.#b ^ (this.#b >>> 9)) >>> 0;
    this.#b = (this.#c + (this.#c << 3)) >>> 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) >>> 0;
    return sum;
  }
}

/** FNV-1a over the text, begun differently for each `variant`. */
function hash(text: string, variant: number): number {
  let value = 0x811c9dc5 ^ Math.imul(variant, 0x9e3779b1);
  for (const character of text) {
    value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return value >>> 0;
}
