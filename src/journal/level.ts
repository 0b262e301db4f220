import { mkdir } from 'node:fs/promises';
import { type Clock, MS_PER_SECOND, type Timer } from '../support/clock.js';
import { describe, RedlinkError } from '../support/errors.js';
import type { Log } from '../support/log.js';
import { CheckedRecords } from './checked-records.js';
import { GroupCommit } from './group-commit.js';
import { type LevelModule, LevelDatabase } from './level-database.js';
import { isCorrupt, journalFailure, rootOf } from './level-errors.js';
import { inspectFiles } from './level-files.js';
import { FORMAT_RECORD, idOf, rangeOf, toOperation, valueOf, whyUnusable } from './level-records.js';
import { anyLiesAside, setAside } from './level-set-aside.js';
import type { Journal, JournalOpening, JournalRecord, JournalWrite, RecordKind } from './port.js';

/** How long what was written may wait for the disk itself at the level `crash-safe` (DESIGN.md, "Journal"). */
const FLUSH_WITHIN_MS = MS_PER_SECOND;

/** Messages are nobody's business but the user's that Node-RED runs as. */
const FOLDER_MODE = 0o700;

export interface LevelJournalOptions {
  /** The journal's own folder, for it alone; made where it is missing. What is set aside goes beside it. */
  readonly folder: string;
  readonly level: 'crash-safe' | 'power-safe';
  readonly clock: Clock;
  /** Told about a failure that belongs to no call: of flushing, of closing. */
  readonly log: Log;
  /** Brings the database's module. Default: `import('classic-level')`. */
  readonly load?: () => Promise<LevelModule>;
}

/** What lies in the folder: a journal, or something that cannot be used as one. */
type Found =
  | { readonly kind: 'usable'; readonly cutOff: string | undefined }
  | { readonly kind: 'unusable'; readonly why: string };

/** The journal on disk, in a LevelDB database. */
export class LevelJournal implements Journal {
  readonly level: 'crash-safe' | 'power-safe';
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #database: LevelDatabase;
  readonly #group = new GroupCommit((writes) => this.#commit(writes));
  /** What the opening has read, until it was asked for or something is written. */
  #checked: CheckedRecords | undefined;
  #open = false;
  #flushTimer: Timer | undefined;
  /** Whether the next commit takes along to the disk all that came before it. */
  #flushDue = false;
  /** Whether the log has been told that flushing fails: once is enough until it goes well again. */
  #flushFailed = false;

  constructor({ folder, level, clock, log, load }: LevelJournalOptions) {
    this.level = level;
    this.#folder = folder;
    this.#clock = clock;
    this.#log = log;
    this.#database = new LevelDatabase(folder, load ?? (() => import('classic-level')));
  }

  async open(): Promise<JournalOpening> {
    try {
      const opening = await this.#openOrSetAside();
      await this.#database.commit([FORMAT_RECORD], true);
      this.#open = true;
      return opening;
    } catch (thrown) {
      await this.#database.close();
      throw thrown instanceof RedlinkError ? thrown : journalFailure('opened', this.#folder, thrown);
    }
  }

  async *read(kind: RecordKind): AsyncGenerator<JournalRecord> {
    this.#mustBeOpen();
    const checked = this.#checked?.take(kind);
    if (checked !== undefined) {
      yield* checked;
      return;
    }
    for await (const entry of this.#database.entries(rangeOf(kind))) {
      const value = valueOf(entry);
      if (value === undefined) throw journalFailure('read', this.#folder, 'a record has been altered');
      yield { id: idOf(entry[0]), value };
    }
  }

  async write(writes: readonly JournalWrite[]): Promise<void> {
    this.#mustBeOpen();
    if (writes.length === 0) return;
    this.#checked = undefined;
    await this.#group.add(writes);
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    this.#checked = undefined;
    await this.#group.idle();
    try {
      if (this.#cancelFlush()) await this.#database.commit([FORMAT_RECORD], true);
      await this.#database.close();
    } catch (thrown) {
      this.#log.error(describe(thrown));
    }
  }

  async #openOrSetAside(): Promise<JournalOpening> {
    await mkdir(this.#folder, { recursive: true, mode: FOLDER_MODE });
    const found = await this.#look();
    if (found.kind === 'usable') {
      const liesAside = await anyLiesAside(this.#folder);
      return {
        ...(found.cutOff === undefined ? {} : { cutOff: found.cutOff }),
        ...(liesAside ? { liesAside } : {}),
      };
    }
    // Whatever was seen, it must not have been another process at work.
    await this.#database.mustBeFree();
    const folder = await setAside(this.#folder, new Date(this.#clock.wall()));
    await mkdir(this.#folder, { recursive: true, mode: FOLDER_MODE });
    await this.#database.open();
    return { setAside: { folder, why: found.why } };
  }

  /** Opens what is there, if it can be used; else leaves it as it is, closed. */
  async #look(): Promise<Found> {
    await this.#database.mustBeFree();
    // LevelDB opens many a damaged database as if nothing were amiss, and removes the evidence.
    const { damage, cutOff } = await inspectFiles(this.#folder);
    if (damage !== undefined) return { kind: 'unusable', why: damage };
    try {
      await this.#database.open();
      const checked = new CheckedRecords();
      const why = await whyUnusable(this.#database.entries({}), checked);
      if (why === undefined) {
        this.#checked = checked;
        return { kind: 'usable', cutOff };
      }
      await this.#database.close();
      return { kind: 'unusable', why };
    } catch (thrown) {
      if (!isCorrupt(thrown)) throw thrown;
      await this.#database.close();
      return { kind: 'unusable', why: rootOf(thrown).message };
    }
  }

  async #commit(writes: readonly JournalWrite[]): Promise<void> {
    const sync = this.level === 'power-safe' || this.#flushDue;
    await this.#database.commit(writes.length === 0 ? [FORMAT_RECORD] : writes.map(toOperation), sync);
    if (sync) this.#cancelFlush();
    else this.#flushTimer ??= this.#clock.after(FLUSH_WITHIN_MS, () => void this.#flush());
  }

  /** Sends to the disk what waits for it; where that fails it is tried again after the same time. */
  async #flush(): Promise<void> {
    this.#flushDue = true;
    try {
      await this.#group.add([]);
      this.#flushFailed = false;
    } catch (thrown) {
      if (!this.#flushFailed) this.#log.error(describe(thrown));
      this.#flushFailed = true;
      if (this.#open) this.#flushTimer = this.#clock.after(FLUSH_WITHIN_MS, () => void this.#flush());
    }
  }

  /** @returns whether something waited for the disk. */
  #cancelFlush(): boolean {
    const waited = this.#flushTimer !== undefined;
    this.#flushTimer?.cancel();
    this.#flushTimer = undefined;
    this.#flushDue = false;
    return waited;
  }

  #mustBeOpen(): void {
    if (!this.#open) throw new RedlinkError('CLOSED', `The journal in ${this.#folder} is not open`);
  }
}
