import type { Journal, JournalOpening, JournalRecord } from './port.js';

const DONE = Promise.resolve();

/** Keeps nothing: for a store that is set to memory, or whose machine cannot run the database. */
export class NoJournal implements Journal {
  readonly level = 'memory';

  async open(): Promise<JournalOpening> {
    return {};
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
