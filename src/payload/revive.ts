import type { JsonPath, Restore } from '../protocol/payload-source.js';
import { RedlinkError } from '../support/errors.js';
import { uuidIds } from '../support/ids.js';
import { isNestedDeeperThan } from '../support/json-depth.js';
import { cutBuffers } from './buffer-text.js';
import { MAX_TEXT_CHARS, MAX_TEXT_DEPTH } from './limits.js';

/** Largest value of a byte. */
const MAX_BYTE = 255;

/** Characters of text from which on Buffers are cut out before it is parsed. */
const BULKY_CHARS = 65_536;

/**
 * Gives back the value that was serialised. Text and `restore` may come from the network and from
 * anyone: a text that is not JSON is given as it is (as version 3 does), and a place that does not
 * exist, or does not hold what a Buffer or a Date looks like in JSON, is left alone.
 * @throws RedlinkError `BAD_REQUEST` where the value is nested too deeply for a flow to handle,
 *   `MESSAGE_TOO_LARGE` where the text is longer than is safe to parse.
 */
export function revive(text: string, restore: Restore | undefined): unknown {
  mustBeHarmless(text);
  if (text.length > BULKY_CHARS && restore?.buffers !== undefined) {
    const { text: rest, buffers } = cutBuffers(text, uuidIds.next());
    const { value, taken } = restored(parse(rest), restore, buffers);
    // Otherwise something merely looked like a Buffer, and must become the object again that it was.
    if (taken === buffers.size) return value;
  }
  return restored(parse(text), restore, NO_BUFFERS).value;
}

/**
 * As {@link revive}, for a text out of which Buffers and strings were taken, which go back to their places.
 * @param taken by the strings that stand in their places.
 * @throws RedlinkError as {@link revive}; `BAD_REQUEST` where the text is not JSON, too: no 3.0.5 store wrote it.
 */
export function reviveAround(
  text: string,
  taken: ReadonlyMap<string, Buffer | string>,
  restore: Restore | undefined,
): unknown {
  mustBeHarmless(text);
  try {
    const value: unknown = JSON.parse(text, (_key, entry: unknown) =>
      typeof entry === 'string' ? (taken.get(entry) ?? entry) : entry,
    );
    return restored(value, restore, NO_BUFFERS).value;
  } catch (thrown) {
    if (thrown instanceof SyntaxError)
      throw new RedlinkError('BAD_REQUEST', 'The payload is not JSON', thrown);
    throw thrown;
  }
}

function mustBeHarmless(text: string): void {
  if (text.length > MAX_TEXT_CHARS) {
    throw new RedlinkError('MESSAGE_TOO_LARGE', `The payload has more than ${MAX_TEXT_CHARS} characters`);
  }
  if (isNestedDeeperThan(text, MAX_TEXT_DEPTH)) {
    throw new RedlinkError('BAD_REQUEST', `The payload is nested deeper than ${MAX_TEXT_DEPTH} levels`);
  }
}

const NO_BUFFERS: ReadonlyMap<string, Buffer> = new Map();

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return text;
    throw thrown;
  }
}

/** A parsed value with its Buffers and Dates, and how many of the Buffers that were cut out went back in. */
function restored(
  parsed: unknown,
  restore: Restore | undefined,
  cut: ReadonlyMap<string, Buffer>,
): { value: unknown; taken: number } {
  if (restore?.isUndefined === true && parsed === null) return { value: undefined, taken: 0 };
  // One holder for the whole, so that the root is replaced as anything else is.
  const holder: Record<string, unknown> = { root: parsed };
  // What was looked at and is no Buffer: looking again and again would let a small list cost a lot.
  const refused = new Set<unknown>();
  let taken = 0;
  const asCutOrWhole = (found: unknown): Buffer | undefined => {
    const buffer = typeof found === 'string' ? cut.get(found) : undefined;
    if (buffer !== undefined) taken++;
    return buffer ?? asBuffer(found, refused);
  };
  for (const path of restore?.buffers ?? []) replaceAt(holder, path, asCutOrWhole);
  for (const path of restore?.dates ?? []) replaceAt(holder, path, asDate);
  return { value: holder['root'], taken };
}

/**
 * Puts what `make` gives in the place that a path leads to. Only own properties are followed and
 * replaced, so that no path reaches a prototype.
 */
function replaceAt(holder: object, path: JsonPath, make: (found: unknown) => unknown): void {
  let parent: object = holder;
  let key: string | number = 'root';
  for (const step of path) {
    const next = ownProperty(parent, key);
    if (typeof next !== 'object' || next === null) return;
    parent = next;
    key = step;
  }
  const made = make(ownProperty(parent, key));
  // Not by assignment: that would call the setter of `__proto__` where the name is not an own one.
  if (made !== undefined) {
    Object.defineProperty(parent, key, { value: made, writable: true, enumerable: true, configurable: true });
  }
}

/** An own entry of an object or array out of JSON, which has no getters; undefined where there is none. */
function ownProperty(of: object, key: string | number): unknown {
  return Object.hasOwn(of, key) ? Reflect.get(of, key) : undefined;
}

/** The Buffer that an object stands for, or undefined where it is not exactly what a Buffer becomes in JSON. */
function asBuffer(found: unknown, refused: Set<unknown>): Buffer | undefined {
  if (typeof found !== 'object' || found === null || refused.has(found)) return undefined;
  if (ownProperty(found, 'type') === 'Buffer' && Object.keys(found).length === 2) {
    const data = ownProperty(found, 'data');
    if (isBytes(data)) return Buffer.from(data);
  }
  refused.add(found);
  return undefined;
}

function isBytes(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.every((item) => Number.isInteger(item) && Number(item) >= 0 && Number(item) <= MAX_BYTE)
  );
}

/** What a Date becomes in JSON. Looked at first: to read a long text as a date takes as long as the text, each time. */
const DATE_TEXT = /^(?:[+-]\d{6}|\d{4})-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** The Date that a text stands for, or undefined where it is not exactly what a Date becomes in JSON. */
function asDate(found: unknown): Date | undefined {
  if (typeof found !== 'string' || !DATE_TEXT.test(found)) return undefined;
  const date = new Date(found);
  return date.toJSON() === found ? date : undefined;
}
