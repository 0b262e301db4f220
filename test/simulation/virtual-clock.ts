import type { Clock, Timer } from '../../src/support/clock.js';

/**
 * Turns of the event loop without any new work after which the work of an event counts as done. One
 * turn lets every chained promise and `nextTick` finish; the second is for Node's streams, which
 * hand over with `setImmediate` here and there.
 */
const QUIET_TURNS = 2;

/** Events at one single moment after which time is taken to stand still: a loop without end. */
const MOST_EVENTS_AT_ONE_MOMENT = 20_000;

/** Wall time at the start of every run: a round moment, so that a trace reads the same each time. */
const START_EPOCH_MS = Date.UTC(2030, 0, 1);

/** What one store sees of the time, and what it still waits for. */
export interface StoreClock extends Clock {
  /** Timers and handed-over work of this store that have not fired yet. */
  readonly pending: number;
  /** Forgets all of it, as the death of a process does. */
  stop(): void;
  /** Lets nothing fire, as in a process that was stopped, until {@link resume}. */
  pause(): void;
  /** Fires at once what became due meanwhile, oldest first. */
  resume(): void;
}

interface Entry {
  readonly at: number;
  readonly sequence: number;
  readonly owner: Owner;
  readonly fire: () => void;
}

interface Owner {
  readonly entries: Set<Entry>;
  stopped: boolean;
  /** What became due while its process stood still; undefined: it runs. */
  due: (() => void)[] | undefined;
}

/**
 * Time for a simulation: stands still while anything is at work, and jumps from event to event. Two
 * runs that ask for the same things get them in the same order. An event is over only when all
 * promises that it set going have come to rest, so that no event overlaps another.
 */
export class VirtualClock implements Clock {
  /** Called after each event, when everything that it caused is done. */
  onStep: () => void = () => undefined;

  #now = 0;
  #sequence = 0;
  /** Counts whatever is scheduled: when it stands still, so does the core. */
  #activity = 0;
  /** Sorted by moment, then by order of asking. */
  readonly #timers: Entry[] = [];
  readonly #handedOver: Entry[] = [];
  readonly #ownWork: Owner = { entries: new Set(), stopped: false, due: undefined };

  now(): number {
    return this.#now;
  }

  wall(): number {
    return START_EPOCH_MS + this.#now;
  }

  after(delayMs: number, fire: () => void): Timer {
    return this.#schedule(this.#ownWork, delayMs, fire);
  }

  soon(fire: () => void): void {
    this.#handOver(this.#ownWork, fire);
  }

  /** Everything that waits, of all stores and of the simulation itself. */
  get pending(): number {
    return this.#timers.length + this.#handedOver.length;
  }

  /** A clock for one store, whose wall time may be off: the stores of a mesh do not agree on the time of day. */
  forStore(wallOffsetMs: number): StoreClock {
    const owner: Owner = { entries: new Set(), stopped: false, due: undefined };
    return {
      now: () => this.#now,
      wall: () => START_EPOCH_MS + wallOffsetMs + this.#now,
      after: (delayMs, fire) => this.#schedule(owner, delayMs, fire),
      soon: (fire) => {
        this.#handOver(owner, fire);
      },
      get pending() {
        return owner.entries.size;
      },
      stop: () => {
        owner.stopped = true;
        for (const entry of owner.entries) this.#cancel(entry);
      },
      pause: () => {
        owner.due ??= [];
      },
      resume: () => {
        const due = owner.due ?? [];
        owner.due = undefined;
        for (const fire of due) this.#schedule(owner, 0, fire);
      },
    };
  }

  /** Lets `ms` milliseconds pass, with all that happens in them. */
  async advance(ms: number): Promise<void> {
    // What an action takes itself may lead past the moment of the next: time never goes back.
    const end = this.#now + Math.max(0, ms);
    await this.#settle();
    let events = 0;
    for (let entry = this.#next(end); entry !== undefined; entry = this.#next(end)) {
      events = entry.at > this.#now ? 1 : events + 1;
      if (events > MOST_EVENTS_AT_ONE_MOMENT) {
        throw new Error(`time stands still: over ${MOST_EVENTS_AT_ONE_MOMENT} events at ${this.#now} ms`);
      }
      this.#now = Math.max(this.#now, entry.at);
      entry.owner.entries.delete(entry);
      if (entry.owner.due === undefined) entry.fire();
      else entry.owner.due.push(entry.fire);
      await this.#settle();
      this.onStep();
    }
    this.#now = end;
  }

  /**
   * Lets time pass until nothing waits any more.
   * @throws Error where something still waits after `withinMs`.
   */
  async runUntilIdle(withinMs: number): Promise<void> {
    const end = this.#now + withinMs;
    await this.#settle();
    while (this.pending > 0) {
      const due = this.#handedOver.length > 0 ? this.#now : (this.#timers[0]?.at ?? this.#now);
      if (due > end) throw new Error(`${this.pending} timers still wait after ${withinMs} ms`);
      await this.advance(Math.max(0, due - this.#now));
    }
  }

  /** Lets all work at hand finish, time standing still. For after a call from outside. */
  async settle(): Promise<void> {
    await this.advance(0);
  }

  #schedule(owner: Owner, delayMs: number, fire: () => void): Timer {
    this.#activity += 1;
    if (owner.stopped || delayMs === Infinity) return { cancel: () => undefined };
    if (Number.isNaN(delayMs)) throw new Error('a timer was set to NaN milliseconds');
    const entry = { at: this.#now + Math.max(0, delayMs), sequence: this.#sequence++, owner, fire };
    owner.entries.add(entry);
    this.#timers.splice(this.#position(entry), 0, entry);
    return {
      cancel: () => {
        this.#cancel(entry);
      },
    };
  }

  #handOver(owner: Owner, fire: () => void): void {
    this.#activity += 1;
    if (owner.stopped) return;
    const entry = { at: this.#now, sequence: this.#sequence++, owner, fire };
    owner.entries.add(entry);
    this.#handedOver.push(entry);
  }

  #cancel(entry: Entry): void {
    if (!entry.owner.entries.delete(entry)) return;
    this.#activity += 1;
    const position = this.#position(entry);
    if (this.#timers[position] === entry) this.#timers.splice(position, 1);
    else this.#handedOver.splice(this.#handedOver.indexOf(entry), 1);
  }

  /** Where an entry stands, or belongs, among the timers. */
  #position(entry: Entry): number {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#timers[middle];
      const before =
        other !== undefined &&
        (other.at < entry.at || (other.at === entry.at && other.sequence < entry.sequence));
      if (before) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Takes the next event up to `end`: work handed over comes before any timer. */
  #next(end: number): Entry | undefined {
    const handedOver = this.#handedOver.shift();
    if (handedOver !== undefined) return handedOver;
    const timer = this.#timers[0];
    if (timer === undefined || timer.at > end) return undefined;
    return this.#timers.shift();
  }

  async #settle(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS;) {
      const before = this.#activity;
      await new Promise<void>((resolve) => setImmediate(resolve));
      quiet = this.#activity === before ? quiet + 1 : 0;
    }
  }
}
