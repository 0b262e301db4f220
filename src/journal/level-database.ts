import { describe, RedlinkError } from '../support/errors.js';
import { isLocked, journalFailure } from './level-errors.js';
import type { Entry, Operation } from './level-records.js';

/** The module `classic-level`, as far as it is used. */
export interface LevelModule {
  readonly ClassicLevel: new (location: string, options: OpenOptions) => Database;
}

/** Changes that are carried out together. */
export interface Batch {
  put(key: string, value: string): unknown;
  del(key: string): unknown;
  write(options: { sync: boolean }): Promise<void>;
  /** Forgets them. */
  close(): Promise<void>;
}

/** A database of `classic-level`, as far as it is used. */
export interface Database {
  open(): Promise<void>;
  close(): Promise<void>;
  batch(): Batch;
  getMany(keys: string[]): Promise<(string | undefined)[]>;
  iterator(options: { gte?: string; lt?: string; highWaterMarkBytes: number }): {
    nextv(size: number): Promise<[string, string][]>;
    close(): Promise<void>;
  };
}

export interface OpenOptions {
  createIfMissing?: boolean;
  errorIfExists?: boolean;
  writeBufferSize?: number;
}

/** Entries fetched from the database in one step. */
const ENTRIES_PER_STEP = 1_000;
/** Bytes fetched in one step, at most: bounds memory where records are large. */
const BYTES_PER_STEP = 1_048_576;

/** LevelDB collects so much in memory, and in one log file, before it sorts it into a table. Its own default. */
const WRITE_BUFFER_BYTES = 4_194_304;

/**
 * A LevelDB database that keeps its word over disk errors. After a write that failed, LevelDB is not to
 * be trusted: its log is out of step, and what it could not write may still get there later. So the
 * database is closed then, and the next write opens it again and first puts back what it held before.
 */
export class LevelDatabase {
  readonly #folder: string;
  readonly #load: () => Promise<LevelModule>;
  #database: Database | undefined;
  /** What a failed write may have changed, as it was before. */
  #undo: readonly Operation[] = [];

  /** @param load brings the database's module; what it throws means that this machine cannot run it. */
  constructor(folder: string, load: () => Promise<LevelModule>) {
    this.#folder = folder;
    this.#load = load;
  }

  /**
   * Opens the folder, which must be there; makes an empty database where there is none.
   * @throws RedlinkError `JOURNAL_LOCKED`, `JOURNAL_UNAVAILABLE`; whatever else LevelDB throws.
   */
  async open(): Promise<void> {
    this.#database = await this.#connect({});
    this.#undo = [];
  }

  /**
   * Makes sure that nobody else has the database, without touching it.
   * @throws RedlinkError `JOURNAL_LOCKED`, `JOURNAL_UNAVAILABLE`.
   */
  async mustBeFree(): Promise<void> {
    // LevelDB takes its lock before it looks whether a database exists, and then refuses one that does.
    const refused = await this.#connect({ createIfMissing: false, errorIfExists: true }).catch(
      (thrown: unknown) => thrown,
    );
    if (refused instanceof RedlinkError) throw refused;
  }

  /**
   * Carries out all operations or none.
   * @param sync whether they are to be on the disk itself, and everything before them.
   * @throws RedlinkError `JOURNAL_IO`
   */
  async commit(operations: readonly Operation[], sync: boolean): Promise<void> {
    const database = this.#database ?? (await this.#recover());
    try {
      await writeAll(database, operations, sync);
    } catch (thrown) {
      await this.#giveUp(database, operations);
      throw this.#failure('written', thrown);
    }
  }

  /**
   * Entries in the order of their keys, as they are at the first step.
   * @throws RedlinkError `JOURNAL_IO` with LevelDB's error as its cause
   */
  async *entries(range: { gte?: string; lt?: string }): AsyncGenerator<Entry> {
    const database = this.#database;
    if (database === undefined) throw this.#failure('read', 'a write to it has failed');
    try {
      const iterator = database.iterator({ ...range, highWaterMarkBytes: BYTES_PER_STEP });
      try {
        let next = iterator.nextv(ENTRIES_PER_STEP);
        for (;;) {
          const entries = await next;
          if (entries.length === 0) return;
          // LevelDB reads on in its own thread meanwhile: that is most of the waiting at a start.
          next = iterator.nextv(ENTRIES_PER_STEP);
          // Whoever stops reading does not want to know of it any more; whoever goes on is told above.
          next.catch(() => undefined);
          yield* entries;
        }
      } finally {
        await iterator.close();
      }
    } catch (thrown) {
      throw this.#failure('read', thrown);
    }
  }

  /** @throws RedlinkError `JOURNAL_IO` where a failed write could not be undone. */
  async close(): Promise<void> {
    const database = this.#undo.length > 0 ? await this.#recover() : this.#database;
    this.#database = undefined;
    await database?.close();
  }

  /** Notes what the operations may have changed, and closes the database. */
  async #giveUp(database: Database, operations: readonly Operation[]): Promise<void> {
    this.#database = undefined;
    // Where not even reading works, it stays open whether the batch will be found at the next start.
    this.#undo = await before(database, operations).catch(() => []);
    await database.close();
  }

  async #recover(): Promise<Database> {
    let database: Database | undefined;
    try {
      database = await this.#connect({});
      if (this.#undo.length > 0) await writeAll(database, this.#undo, true);
    } catch (thrown) {
      await database?.close();
      throw this.#failure('opened again', thrown);
    }
    this.#undo = [];
    this.#database = database;
    return database;
  }

  async #connect(options: OpenOptions): Promise<Database> {
    const { ClassicLevel: Level } = await this.#loaded();
    const database = new Level(this.#folder, { writeBufferSize: WRITE_BUFFER_BYTES, ...options });
    try {
      await database.open();
    } catch (thrown) {
      await database.close();
      if (!isLocked(thrown)) throw thrown;
      throw new RedlinkError(
        'JOURNAL_LOCKED',
        `The journal in ${this.#folder} is in use by another store or process`,
        thrown,
      );
    }
    return database;
  }

  async #loaded(): Promise<LevelModule> {
    try {
      return await this.#load();
    } catch (thrown) {
      throw new RedlinkError(
        'JOURNAL_UNAVAILABLE',
        `The journal's database cannot run on this machine: ${describe(thrown)}`,
        thrown,
      );
    }
  }

  #failure(done: string, thrown: unknown): RedlinkError {
    return thrown instanceof RedlinkError ? thrown : journalFailure(done, this.#folder, thrown);
  }
}

/** Operations that bring back what a failed batch was to change: LevelDB does not show it, though its log may hold it. */
async function before(database: Database, operations: readonly Operation[]): Promise<Operation[]> {
  const keys = operations.map(({ key }) => key);
  const values = await database.getMany(keys);
  return keys.map((key, index) => {
    const value = values[index];
    return value === undefined ? { type: 'del', key } : { type: 'put', key, value };
  });
}

/** As a chained batch, which takes a quarter of the time of one given as an array: the array is copied and looked at again. */
async function writeAll(database: Database, operations: readonly Operation[], sync: boolean): Promise<void> {
  const batch = database.batch();
  try {
    for (const operation of operations) {
      if (operation.type === 'put') batch.put(operation.key, operation.value);
      else batch.del(operation.key);
    }
  } catch (thrown) {
    await batch.close();
    throw thrown;
  }
  await batch.write({ sync });
}
