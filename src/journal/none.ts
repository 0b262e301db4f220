import { anyLiesAside, isFilled } from './level-set-aside.js';
import type { Journal, JournalOpening, JournalRecord } from './port.js';

const DONE = Promise.resolve();

/** Keeps nothing: for a store that is set to memory, or whose machine cannot run the database. */
export class NoJournal implements Journal {
  readonly level = 'memory';

  /** @param folder where the store's journal lies when it has one */
  constructor(private readonly folder?: string) {}

  /** What an earlier life kept at another level is left as it is. */
  async open(): Promise<JournalOpening> {
    if (this.folder === undefined) return {};
    const liesAside = (await isFilled(this.folder)) || (await anyLiesAside(this.folder));
    return liesAside ? { liesAside } : {};
  }

  async *read(): AsyncGenerator<JournalRecord> {
    // Nothing was kept, so nothing is found.
  }

  /** Done before it returns. */
  write(): Promise<void> {
    return DONE;
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}
