/**
 * The edits of a LevelDB MANIFEST, read for one thing: the log file that it goes on with. Each edit is
 * a row of fields, each field a tag and its content; numbers are varints, texts have their length
 * before them (LevelDB, db/version_edit.cc).
 */
const COMPARATOR = 1;
const LOG_NUMBER = 2;
const NEXT_FILE_NUMBER = 3;
const LAST_SEQUENCE = 4;
const COMPACT_POINTER = 5;
const DELETED_FILE = 6;
const NEW_FILE = 7;
const PREVIOUS_LOG_NUMBER = 9;

type Part = 'number' | 'text';

/** What follows each tag. */
const PARTS: ReadonlyMap<number, readonly Part[]> = new Map([
  [COMPARATOR, ['text']],
  [LOG_NUMBER, ['number']],
  [NEXT_FILE_NUMBER, ['number']],
  [LAST_SEQUENCE, ['number']],
  [COMPACT_POINTER, ['number', 'text']],
  [DELETED_FILE, ['number', 'number']],
  [NEW_FILE, ['number', 'number', 'number', 'text', 'text']],
  [PREVIOUS_LOG_NUMBER, ['number']],
]);

const VARINT_BITS = 7;
const VARINT_MORE = 0x80;
const VARINT_BASE = 2 ** VARINT_BITS;

/**
 * Number of the log file that holds what came after these edits: no earlier one is needed, this one is.
 * 0: there was none yet; undefined: no edit says, or they make no sense.
 */
export function logNumberOf(edits: readonly Uint8Array[]): number | undefined {
  return edits.reduce<number | undefined>((number, edit) => logNumberIn(edit) ?? number, undefined);
}

function logNumberIn(edit: Uint8Array): number | undefined {
  const reader = new FieldReader(edit);
  let logNumber: number | undefined;
  while (!reader.done) {
    const tag = reader.number();
    const parts = PARTS.get(tag);
    if (parts === undefined) return undefined;
    for (const part of parts) {
      const number = reader.number();
      if (part === 'text') reader.skip(number);
      else if (tag === LOG_NUMBER) logNumber = number;
    }
  }
  return logNumber;
}

class FieldReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  number(): number {
    let value = 0;
    for (let factor = 1; ; factor *= VARINT_BASE) {
      const byte = this.#bytes[this.#at++] ?? 0;
      value += (byte % VARINT_BASE) * factor;
      if (byte < VARINT_MORE) return value;
    }
  }

  skip(bytes: number): void {
    this.#at += bytes;
  }
}
