import type { Restore } from '../protocol/payload-source.js';
import { asError, RedlinkError } from '../support/errors.js';
import { jsonText } from './json-text.js';
import { MAX_DEPTH, MAX_TEXT_CHARS } from './limits.js';
import { findMarked } from './marked.js';

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
  if (value === undefined) return { text: 'null', restore: { isUndefined: true } };
  try {
    const marked = findMarked(value);
    if (marked !== undefined && marked.bufferChars > MAX_TEXT_CHARS) throw tooLarge();
    // Where the walk gave up this throws as well, mostly: V8 says which way the circle goes.
    const text = jsonText(value, marked);
    if (marked === undefined) throw new RedlinkError('NOT_SERIALISABLE', TOO_DEEP);
    if (text === undefined) {
      throw new RedlinkError('NOT_SERIALISABLE', `A ${typeof value} cannot be sent as JSON`);
    }
    if (text.length > MAX_TEXT_CHARS) throw tooLarge();
    return { text, restore: marked.restore };
  } catch (thrown) {
    throw refusal(thrown);
  }
}

/** What was thrown on the way, as an error that tells the sender what is wrong with the message. */
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
