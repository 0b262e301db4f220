import type { Restore } from '../protocol/payload-source.js';
import { asError, RedlinkError } from '../support/errors.js';
import { bufferTextLength } from './buffer-text.js';
import { jsonText } from './json-text.js';
import { MAX_DEPTH, MAX_TEXT_CHARS } from './limits.js';
import { findMarked, type Marked } from './marked.js';

export { revive } from './revive.js';

const TOO_DEEP = `The message is nested too deeply: more than ${MAX_DEPTH} levels`;

/** A value as JSON text, with what the text alone would lose. */
export interface Serialised {
  /** Exactly what `JSON.stringify` gives, for a 3.0.5 store to read. */
  readonly text: string;
  /** Undefined where the text says it all. */
  readonly restore: Restore | undefined;
}

/**
 * Writes a value as JSON. Buffers and Dates, at any depth, are noted by their place, so that
 * {@link revive} gives back Buffers and Dates; `undefined` itself too. All else becomes what JSON
 * makes of it: a typed array an object of numbers, a Map an empty object, an invalid Date `null`.
 * A `toJSON` or a getter in the value is called twice.
 * @throws RedlinkError `NOT_SERIALISABLE` where JSON cannot take it (a circle, a BigInt, a function,
 *   nested too deep, a `toJSON` or getter that throws), `MESSAGE_TOO_LARGE` where the text would be
 *   longer than {@link MAX_TEXT_CHARS}.
 */
export function serialise(value: unknown): Serialised {
  return orRefusal(() => textOf(value, findMarked(value)));
}

/** As {@link serialise}, of a value that was walked already. */
export function textOf(value: unknown, marked: Marked | undefined): Serialised {
  if (value === undefined) return { text: 'null', restore: { isUndefined: true } };
  if (marked !== undefined) {
    const small = smallChars(marked);
    mustFit(small + sum(marked.large, leastCharsOf));
    mustFit(small + sum(marked.large, charsOf));
  }
  const text = mustBeText(jsonText(value, marked), value, marked);
  mustFit(text.length);
  return { text, restore: marked?.restore };
}

/** The text, where JSON has one for the value. Where the walk gave up JSON throws as well, mostly: it says which way a circle goes. */
export function mustBeText(text: string | undefined, value: unknown, marked: Marked | undefined): string {
  if (marked === undefined) throw new RedlinkError('NOT_SERIALISABLE', TOO_DEEP);
  if (text !== undefined) return text;
  throw new RedlinkError('NOT_SERIALISABLE', `A ${typeof value} cannot be sent as JSON`);
}

/** Does the work; what is thrown on the way becomes an error that tells the sender what is wrong with the message. */
export function orRefusal<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (thrown) {
    throw refusal(thrown);
  }
}

/** @throws RedlinkError `MESSAGE_TOO_LARGE` where a text of so many characters is not written */
export function mustFit(chars: number): void {
  if (chars > MAX_TEXT_CHARS) throw tooLarge();
}

/** Characters that the small entries of a value take at least: known before a text is made, so that too many are refused at once. */
export function smallChars({ bufferChars, stringChars }: Marked): number {
  return bufferChars + stringChars;
}

/** Known without looking at a byte: each takes a digit and a comma. */
function leastCharsOf(leaf: Buffer | string): number {
  return typeof leaf === 'string' ? leaf.length : 2 * leaf.length;
}

function charsOf(leaf: Buffer | string): number {
  return typeof leaf === 'string' ? leaf.length : bufferTextLength(leaf);
}

function sum(leaves: readonly (Buffer | string)[], sizeOf: (leaf: Buffer | string) => number): number {
  return leaves.reduce((total, leaf) => total + sizeOf(leaf), 0);
}

function refusal(thrown: unknown): RedlinkError {
  if (thrown instanceof RedlinkError) return thrown;
  // V8 spreads the way to a circle over several lines; a failure output shows one.
  const reason = asError(thrown).message.replaceAll(/\s*\n\s*/g, ' ');
  if (thrown instanceof RangeError && reason.includes('string length')) {
    return tooLarge(thrown);
  }
  if (thrown instanceof RangeError && reason.includes('call stack')) {
    return new RedlinkError('NOT_SERIALISABLE', TOO_DEEP, thrown);
  }
  return new RedlinkError('NOT_SERIALISABLE', `The message cannot be written as JSON: ${reason}`, thrown);
}

function tooLarge(cause?: unknown): RedlinkError {
  const text = `The message is too large: more than ${MAX_TEXT_CHARS} characters of JSON`;
  return new RedlinkError('MESSAGE_TOO_LARGE', text, cause);
}
