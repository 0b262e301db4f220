import type { JournalRecord, RecordKind } from './port.js';

/** Characters that are kept, at most: what a store with a longer queue has is read a second time. */
const MOST_CHARACTERS = 268_435_456;

/**
 * What the check of a journal at its opening has read. A store that starts asks for just that: reading a hundred thousand messages a second
 * time takes as long as the first. Nothing is kept once it was asked for, or once anything has changed.
 */
export class CheckedRecords {
  #byKind: Map<RecordKind, JournalRecord[]> | undefined = new Map();
  #characters = 0;

  /** @param mostCharacters beyond which nothing is kept at all */
  constructor(private readonly mostCharacters = MOST_CHARACTERS) {}

  keep(kind: RecordKind, record: JournalRecord): void {
    if (this.#byKind === undefined) return;
    this.#characters += record.value.length;
    if (this.#characters > this.mostCharacters) {
      this.#byKind = undefined;
      return;
    }
    const records = this.#byKind.get(kind);
    if (records === undefined) this.#byKind.set(kind, [record]);
    else records.push(record);
  }

  /** All records of a kind in the order of their keys; undefined where the database must be asked. */
  take(kind: RecordKind): readonly JournalRecord[] | undefined {
    const records = this.#byKind?.get(kind);
    this.#byKind?.delete(kind);
    return records;
  }
}
