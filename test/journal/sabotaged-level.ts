import { ClassicLevel } from 'classic-level';
import type { Database, LevelModule, OpenOptions } from '../../src/journal/level-database.js';
import type { Operation } from '../../src/journal/level-records.js';

/** What a test can do to the database under the journal, and what it sees of it. */
export class Sabotage {
  /** Writes to come that fail. */
  failures = 0;
  /** Whether what failed gets to the disk later all the same, as LevelDB's own buffer can do. */
  landsLater = false;
  /** Whether the database cannot be opened. */
  unopenable = false;
  /** For each write that went well, whether it was sent to the disk itself. */
  readonly synced: boolean[] = [];
  /** How often somebody began to read records. */
  readings = 0;
  /** Operations in each write that went well. */
  readonly sizes: number[] = [];
}

const diskFull = (): Error => new Error('IO error: 000003.log: No space left on device');

/** The real database, with what the test does to it in between. */
export function sabotaged(sabotage: Sabotage): () => Promise<LevelModule> {
  class Sabotaged implements Database {
    readonly #real: ClassicLevel;
    readonly #later: Operation[][] = [];

    constructor(location: string, options: OpenOptions) {
      this.#real = new ClassicLevel(location, options);
    }

    async open(): Promise<void> {
      if (sabotage.unopenable) throw diskFull();
      await this.#real.open();
    }

    batch(): ReturnType<Database['batch']> {
      const operations: Operation[] = [];
      return {
        put: (key, value) => operations.push({ type: 'put', key, value }),
        del: (key) => operations.push({ type: 'del', key }),
        write: (options) => this.#write(operations, options),
        close: async () => undefined,
      };
    }

    async #write(operations: Operation[], options: { sync: boolean }): Promise<void> {
      if (sabotage.failures > 0) {
        sabotage.failures -= 1;
        if (sabotage.landsLater) this.#later.push(operations);
        throw diskFull();
      }
      await this.#real.batch(operations, options);
      sabotage.synced.push(options.sync);
      sabotage.sizes.push(operations.length);
    }

    async close(): Promise<void> {
      for (const operations of this.#later.splice(0)) await this.#real.batch(operations);
      await this.#real.close();
    }

    getMany(keys: string[]): Promise<(string | undefined)[]> {
      return this.#real.getMany(keys);
    }

    iterator(options: Parameters<Database['iterator']>[0]): ReturnType<Database['iterator']> {
      sabotage.readings += 1;
      return this.#real.iterator(options);
    }
  }
  return async () => ({ ClassicLevel: Sabotaged });
}
