import { RedlinkError } from '../../support/errors.js';

/**
 * A record of the journal: one line of JSON that says what it is about, then texts of any length as
 * they are. A message within JSON would be escaped and parsed once more, which costs more than all the rest.
 */

const LINE_FEED = '\n';

/** What a record says, taken apart. */
export interface Sections {
  readonly header: Readonly<Record<string, unknown>>;
  readonly texts: readonly string[];
}

export function joinSections(header: object, texts: readonly string[]): string {
  const line = JSON.stringify({ ...header, lengths: texts.map((text) => text.length) });
  return line + LINE_FEED + texts.join('');
}

/** @throws RedlinkError `BAD_REQUEST` where it is no such record. */
export function splitSections(record: string): Sections {
  const end = record.indexOf(LINE_FEED);
  const header: unknown = end < 0 ? undefined : JSON.parse(record.slice(0, end));
  if (!isRecord(header) || !Array.isArray(header['lengths'])) throw notARecord();
  const lengths: readonly unknown[] = header['lengths'];
  const texts: string[] = [];
  let at = end + 1;
  for (const length of lengths) {
    if (typeof length !== 'number') throw notARecord();
    texts.push(record.slice(at, at + length));
    at += length;
  }
  if (at !== record.length) throw notARecord();
  return { header, texts };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function notARecord(): RedlinkError {
  return new RedlinkError('BAD_REQUEST', 'A record of the journal is not what this release writes');
}
