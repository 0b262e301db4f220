import { crc32 } from 'node:zlib';
import type { CheckedRecords } from './checked-records.js';
import type { JournalWrite, RecordKind } from './port.js';

/** A change as the database takes it. */
export type Operation =
  | { readonly type: 'put'; readonly key: string; readonly value: string }
  | { readonly type: 'del'; readonly key: string };

/** A record as it lies in the database. */
export type Entry = readonly [key: string, value: string];

/**
 * Format of keys and values below. A journal of a higher number is left alone. The format's own key
 * and the way its value is written stay the same for ever, so that every release can tell.
 */
const FORMAT = 1;
const FORMAT_KEY = '!format';

/** First letter of a record's key. Part of the format. */
const LETTERS: Readonly<Record<RecordKind, string>> = {
  message: 'm',
  mark: 'k',
  reply: 'r',
  keptReply: 'q',
};
const KINDS: readonly RecordKind[] = ['message', 'mark', 'reply', 'keptReply'];
const KIND_OF: ReadonlyMap<string, RecordKind> = new Map(KINDS.map((kind) => [LETTERS[kind], kind]));

/** Stands between letter and id; the next character after it ends the range of a kind. */
const SEPARATOR = ':';
const AFTER_SEPARATOR = ';';
const PREFIX_LENGTH = 2;

/** Hexadecimal digits of the checksum in front of every value. */
const CHECKSUM_DIGITS = 8;
const HEXADECIMAL = 16;

/** Says which format the records have. */
export const FORMAT_RECORD: Operation = {
  type: 'put',
  key: FORMAT_KEY,
  value: withChecksum(FORMAT_KEY, String(FORMAT)),
};

export function toOperation(write: JournalWrite): Operation {
  if ('remove' in write) return { type: 'del', key: keyOf(write.remove, write.id) };
  const key = keyOf(write.put, write.id);
  return { type: 'put', key, value: withChecksum(key, write.value) };
}

/** The keys of all records of a kind. */
export function rangeOf(kind: RecordKind): { readonly gte: string; readonly lt: string } {
  return { gte: LETTERS[kind] + SEPARATOR, lt: LETTERS[kind] + AFTER_SEPARATOR };
}

/** The id in a record's key. */
export function idOf(key: string): string {
  return key.slice(PREFIX_LENGTH);
}

/** The value that was put under a key; undefined where value or key are not what was written. */
export function valueOf([key, stored]: Entry): string | undefined {
  const value = stored.slice(CHECKSUM_DIGITS);
  return stored.startsWith(checksumOf(key, value)) ? value : undefined;
}

/**
 * Says why a whole journal cannot be used; undefined where it can.
 * @param entries all that is in it; the format's key comes before all others.
 * @param checked is given every record that can be used
 */
export async function whyUnusable(
  entries: AsyncIterable<Entry>,
  checked: CheckedRecords,
): Promise<string | undefined> {
  let format: string | undefined;
  for await (const entry of entries) {
    const [key] = entry;
    const value = valueOf(entry);
    if (value === undefined) return 'a record has been altered since it was written';
    if (key === FORMAT_KEY) {
      if (value !== String(FORMAT)) return `it has format ${value}, this release knows ${FORMAT} only`;
      format = value;
    } else if (format === undefined) {
      return 'it does not say which format it has';
    } else {
      const kind = KIND_OF.get(key.charAt(0));
      if (kind === undefined || key.charAt(1) !== SEPARATOR) return 'it holds a record of an unknown kind';
      checked.keep(kind, { id: idOf(key), value });
    }
  }
  return undefined;
}

function keyOf(kind: RecordKind, id: string): string {
  return LETTERS[kind] + SEPARATOR + id;
}

/**
 * LevelDB does not look at its own checksums when it reads, so each value brings one, over the key as
 * well: damaged text must never pass for a message.
 */
function withChecksum(key: string, value: string): string {
  return checksumOf(key, value) + value;
}

function checksumOf(key: string, value: string): string {
  return crc32(value, crc32(key)).toString(HEXADECIMAL).padStart(CHECKSUM_DIGITS, '0');
}
