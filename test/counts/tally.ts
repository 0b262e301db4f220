/** What is counted while messages pass, and how often it happened. */
import { Database } from '../../src/engine/database.js';

/** What a message costs whatever the machine: each is work that no faster processor saves. */
export interface Tally {
  /** Requests to other stores, of all stores together. */
  posts: number;
  /** Statements that AlaSQL ran. */
  statements: number;
  /** Timers that were set. */
  timers: number;
  /** Deep copies of values. */
  clones: number;
  /** Records that a journal put or removed. */
  records: number;
  /** Accesses to the disk that these went in. */
  accesses: number;
  /** Texts that were made of values. */
  textsWritten: number;
  /** Values that were made of texts. */
  textsRead: number;
}

export const COUNTED = [
  'posts',
  'statements',
  'timers',
  'clones',
  'records',
  'accesses',
  'textsWritten',
  'textsRead',
] as const satisfies readonly (keyof Tally)[];

export function emptyTally(): Tally {
  return {
    posts: 0,
    statements: 0,
    timers: 0,
    clones: 0,
    records: 0,
    accesses: 0,
    textsWritten: 0,
    textsRead: 0,
  };
}

/** How often each thing happened for each of so many messages. */
export function perMessage(tally: Tally, messages: number): Tally {
  const result = emptyTally();
  for (const what of COUNTED) result[what] = tally[what] / messages;
  return result;
}

/** Counts what no port carries, in whatever runs in this process, until the function given back is called. */
export function countGlobals(tally: Tally): () => void {
  const before = {
    structuredClone: globalThis.structuredClone,
    stringify: JSON.stringify,
    parse: JSON.parse,
    // Called with its database below.
    // eslint-disable-next-line @typescript-eslint/unbound-method
    prepareInsert: Database.prototype.prepareInsert,
  };
  Object.assign(globalThis, {
    structuredClone: (...args: unknown[]): unknown => {
      tally.clones += 1;
      return Reflect.apply(before.structuredClone, undefined, args);
    },
  });
  JSON.stringify = (...args: unknown[]): string => {
    tally.textsWritten += 1;
    return String(Reflect.apply(before.stringify, JSON, args));
  };
  JSON.parse = (...args: unknown[]): unknown => {
    tally.textsRead += 1;
    return Reflect.apply(before.parse, JSON, args);
  };
  Database.prototype.prepareInsert = function prepareCounted(this: Database, ...args) {
    const insert = before.prepareInsert.apply(this, args);
    return (values) => {
      tally.statements += 1;
      insert(values);
    };
  };
  return () => {
    globalThis.structuredClone = before.structuredClone;
    JSON.stringify = before.stringify;
    JSON.parse = before.parse;
    Database.prototype.prepareInsert = before.prepareInsert;
  };
}
