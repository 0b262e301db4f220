import type { JournalWrite } from './port.js';

/** Writes in one access to the disk, at most: keeps the first caller of a group from waiting for all others. */
const MOST_WRITES = 1_024;
/** Characters in one access to the disk, at most. A call that is larger goes alone. */
const MOST_CHARACTERS = 1_048_576;

interface Call {
  readonly writes: readonly JournalWrite[];
  readonly characters: number;
  readonly fulfil: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Group commit: one access to the disk at a time, and what comes up during it goes together in the
 * next. So a call never waits for others to come, and many callers share what one access costs.
 */
export class GroupCommit {
  readonly #commit: (writes: readonly JournalWrite[]) => Promise<void>;
  #waiting: Call[] = [];
  #running: Promise<void> | undefined;

  /** @param commit carries out all writes or none, in their order. Called again only when it has ended. */
  constructor(commit: (writes: readonly JournalWrite[]) => Promise<void>) {
    this.#commit = commit;
  }

  /** Fulfilled or rejected as the group is that the writes went with. */
  add(writes: readonly JournalWrite[]): Promise<void> {
    return new Promise((fulfil, reject) => {
      this.#waiting.push({ writes, characters: charactersOf(writes), fulfil, reject });
      this.#running ??= this.#run();
    });
  }

  /** Fulfilled when nothing waits and nothing is under way. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** Forgets what waits: those calls never end, like those of a process that is gone. */
  abandon(): void {
    this.#waiting = [];
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, this.#sizeOfNextGroup());
      try {
        await this.#commit(group.flatMap(({ writes }) => writes));
        for (const call of group) call.fulfil();
      } catch (thrown) {
        for (const call of group) call.reject(thrown);
      }
    }
    this.#running = undefined;
  }

  /** How many of the waiting calls fit into one access: at least one. */
  #sizeOfNextGroup(): number {
    let writes = 0;
    let characters = 0;
    const size = this.#waiting.findIndex((call, index) => {
      writes += call.writes.length;
      characters += call.characters;
      return index > 0 && (writes > MOST_WRITES || characters > MOST_CHARACTERS);
    });
    return size === -1 ? this.#waiting.length : size;
  }
}

function charactersOf(writes: readonly JournalWrite[]): number {
  return writes.reduce(
    (sum, write) => sum + write.id.length + ('value' in write ? write.value.length : 0),
    0,
  );
}
