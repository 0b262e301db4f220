import type { Clock } from '../support/clock.js';
import { RedlinkError } from '../support/errors.js';
import { GroupCommit } from './group-commit.js';
import type { Journal, JournalOpening, JournalRecord, JournalWrite, RecordKind } from './port.js';

/** What outlives the process in a simulation, and what goes wrong with it. One for each store. */
export class MemoryDisk {
  /** By kind, then by id. */
  readonly records = new Map<RecordKind, Map<string, string>>();
  /** The journal that has the disk open. */
  holder: MemoryJournal | undefined;
  /** Accesses to come that fail as a full disk does; each takes the writes of all callers that share it. */
  failures = 0;

  apply(writes: readonly JournalWrite[]): void {
    for (const write of writes) {
      if ('put' in write) this.ofKind(write.put).set(write.id, write.value);
      else this.ofKind(write.remove).delete(write.id);
    }
  }

  ofKind(kind: RecordKind): Map<string, string> {
    let records = this.records.get(kind);
    if (records === undefined) this.records.set(kind, (records = new Map<string, string>()));
    return records;
  }
}

export interface MemoryJournalOptions {
  readonly disk: MemoryDisk;
  readonly clock: Clock;
  /** Milliseconds that an access takes until it counts. Default 0: it counts at once. */
  readonly commitMs?: number;
  /** Milliseconds from there until the caller hears of it: who dies in between has it all the same. Default 0. */
  readonly answerMs?: number;
}

/**
 * The journal of one life of a simulated process. After {@link crash} a new one on the same disk finds
 * what had been committed.
 */
export class MemoryJournal implements Journal {
  readonly level = 'power-safe';
  readonly #disk: MemoryDisk;
  readonly #clock: Clock;
  readonly #commitMs: number;
  readonly #answerMs: number;
  readonly #group = new GroupCommit((writes) => this.#commit(writes));
  #open = false;

  constructor({ disk, clock, commitMs = 0, answerMs = 0 }: MemoryJournalOptions) {
    this.#disk = disk;
    this.#clock = clock;
    this.#commitMs = commitMs;
    this.#answerMs = answerMs;
  }

  async open(): Promise<JournalOpening> {
    if (this.#disk.holder !== undefined) {
      throw new RedlinkError('JOURNAL_LOCKED', 'The journal in memory is in use by another store');
    }
    this.#disk.holder = this;
    this.#open = true;
    return {};
  }

  async *read(kind: RecordKind): AsyncGenerator<JournalRecord> {
    this.#mustBeOpen();
    const records = [...this.#disk.ofKind(kind)].map(([id, value]) => ({ id, value }));
    yield* records.sort((a, b) => Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)));
  }

  async write(writes: readonly JournalWrite[]): Promise<void> {
    this.#mustBeOpen();
    if (writes.length > 0) await this.#group.add(writes);
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#group.idle();
    if (this.#isHolder()) this.#disk.holder = undefined;
  }

  /** The process dies: what is not committed is lost, and no call under way ever ends. */
  crash(): void {
    this.#open = false;
    this.#group.abandon();
    if (this.#isHolder()) this.#disk.holder = undefined;
  }

  async #commit(writes: readonly JournalWrite[]): Promise<void> {
    await this.#wait(this.#commitMs);
    if (this.#disk.failures > 0) {
      this.#disk.failures -= 1;
      throw new RedlinkError('JOURNAL_IO', 'The journal in memory could not be written: the disk is full');
    }
    this.#disk.apply(writes);
    await this.#wait(this.#answerMs);
  }

  /** Never ends in a process that has died by then. */
  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const goOn = (): void => {
        if (this.#isHolder()) resolve();
      };
      if (ms > 0) this.#clock.after(ms, goOn);
      else goOn();
    });
  }

  #isHolder(): boolean {
    return this.#disk.holder === this;
  }

  #mustBeOpen(): void {
    if (!this.#open) throw new RedlinkError('CLOSED', 'The journal in memory is not open');
  }
}
