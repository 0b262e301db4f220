import type { Clock, Timer } from './clock.js';
import { Heap, NOT_IN_HEAP, type HeapItem } from './heap.js';

/** Calls made in one go before other work gets its turn: a hundred thousand at once must not hold up the process. */
const FIRES_PER_TURN = 1_000;

interface Deadline extends HeapItem {
  readonly key: string;
  readonly at: number;
  /** Order of setting: of two deadlines at the same moment the one set first fires first. */
  readonly sequence: number;
  readonly fire: () => void;
}

/**
 * The deadlines of a store: one heap and one timer of the clock, however many there are. With a
 * timer for each message, a hundred thousand messages would be a hundred thousand timers.
 */
export class DeadlineHeap {
  readonly #clock: Clock;
  readonly #onError: (thrown: unknown, key: string) => void;
  readonly #byKey = new Map<string, Deadline>();
  readonly #heap = new Heap<Deadline>(comesFirst);
  #sequence = 0;
  #timer: Timer | undefined;
  #timerAt = Infinity;
  #closed = false;

  /** @param onError told when a `fire` throws; the other deadlines go on. */
  constructor(clock: Clock, onError: (thrown: unknown, key: string) => void) {
    this.#clock = clock;
    this.#onError = onError;
  }

  /** Number of deadlines still to come. */
  get size(): number {
    return this.#byKey.size;
  }

  /**
   * Calls `fire` once at the moment `atMs` of {@link Clock.now}, never before; at once (not within this
   * call) where it has passed. Takes the place of an earlier deadline of the same key. `Infinity`: never.
   * After {@link close} nothing is kept.
   * @throws RangeError where `atMs` is not a number: such a deadline would be lost without a word.
   */
  set(key: string, atMs: number, fire: () => void): void {
    if (Number.isNaN(atMs)) throw new RangeError(`The deadline of ${key} is not a number`);
    this.#drop(key);
    if (!this.#closed && atMs !== Infinity) {
      const deadline: Deadline = { key, at: atMs, sequence: this.#sequence++, fire, heapIndex: NOT_IN_HEAP };
      this.#byKey.set(key, deadline);
      this.#heap.push(deadline);
    }
    this.#arm();
  }

  /** Forgets the deadline of a key; false where there is none (any more). */
  cancel(key: string): boolean {
    const found = this.#drop(key);
    if (found) this.#arm();
    return found;
  }

  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  /** Forgets all deadlines for good. No `fire` is called after it. */
  close(): void {
    this.#closed = true;
    this.#byKey.clear();
    this.#heap.clear();
    this.#disarm();
  }

  #drop(key: string): boolean {
    const deadline = this.#byKey.get(key);
    if (deadline === undefined) return false;
    this.#byKey.delete(key);
    return this.#heap.remove(deadline);
  }

  /**
   * Sees to it that the timer is due no later than the first deadline. A timer that is due earlier is
   * left alone, it costs one needless look; where nothing is left there is no timer.
   */
  #arm(): void {
    const first = this.#heap.peek();
    if (first === undefined) {
      this.#disarm();
      return;
    }
    if (this.#timer !== undefined && this.#timerAt <= first.at) return;
    this.#disarm();
    this.#timerAt = first.at;
    this.#timer = this.#clock.after(Math.max(0, first.at - this.#clock.now()), () => {
      this.#timer = undefined;
      this.#fireDue();
      this.#arm();
    });
  }

  #disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerAt = Infinity;
  }

  #fireDue(): void {
    const now = this.#clock.now();
    for (let fired = 0; fired < FIRES_PER_TURN; fired++) {
      const first = this.#heap.peek();
      if (first === undefined || first.at > now) return;
      this.#drop(first.key);
      try {
        first.fire();
      } catch (thrown) {
        this.#onError(thrown, first.key);
      }
    }
  }
}

function comesFirst(a: Deadline, b: Deadline): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
}
