import { createHash } from 'node:crypto';

/** Events kept to be shown after a failure: enough to see one message's whole life in a busy mesh. */
const KEPT_EVENTS = 400;

/**
 * What happened in a run, in order. Keeps the last events as text, and a hash over all of them: two
 * runs with the same hash went the same way.
 */
export class Trace {
  readonly #hash = createHash('sha256');
  readonly #last: string[] = [];
  readonly #now: () => number;
  #count = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Notes an event: who, and what happened to it. */
  note(who: string, what: string): void {
    const line = `${this.#now().toFixed(3).padStart(12)} ${who.padEnd(8)} ${what}`;
    this.#hash.update(line);
    this.#hash.update('\n');
    this.#count += 1;
    this.#last.push(line);
    if (this.#last.length > 2 * KEPT_EVENTS) this.#last.splice(0, KEPT_EVENTS);
  }

  get count(): number {
    return this.#count;
  }

  /** The last `count` events; with a text, only those that hold it (say, the id of a message). */
  last(count: number, containing = ''): readonly string[] {
    return this.#last.filter((line) => line.includes(containing)).slice(-count);
  }

  /** Hash of everything so far. The trace goes on. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }
}
