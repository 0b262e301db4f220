import { RedlinkError } from '../../support/errors.js';

/**
 * The codec of version 3 for values that are all in memory (WIRE 1, "Codec"): JSON text as UTF-16LE
 * bytes in base64. For values on their way see `codec-stream.ts`.
 */

/** Base64 digits with their padding; anything else is not codec text. */
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
/** Characters that one base64 group consists of. */
const GROUP_CHARS = 4;
/** Bytes that one base64 group stands for. */
const GROUP_BYTES = 3;
/** Bytes of one UTF-16 code unit. */
const UNIT_BYTES = 2;

/** JSON text in codec form. */
export function encodeText(text: string): string {
  return Buffer.from(text, 'utf16le').toString('base64');
}

/** Length of {@link encodeText} of a text, without making it. */
export function encodedLength(text: string): number {
  return Math.ceil((text.length * UNIT_BYTES) / GROUP_BYTES) * GROUP_CHARS;
}

/**
 * A value as it travels: a falsy one as it is, any other in codec form.
 * The value must be one that JSON can take.
 */
export function encode(value: unknown): unknown {
  return value ? encodeText(JSON.stringify(value)) : value;
}

/**
 * The text in codec form. Surrogates without their other half are kept.
 * @throws RedlinkError `BAD_REQUEST` where it is no codec text.
 */
export function decodeText(codec: string): string {
  if (codec.length % GROUP_CHARS !== 0 || !BASE64.test(codec)) throw notCodec();
  const bytes = Buffer.from(codec, 'base64');
  if (bytes.length % UNIT_BYTES !== 0) throw notCodec();
  return bytes.toString('utf16le');
}

/**
 * The value in codec form; what is no text is a value that travelled as it is, and a text that is
 * not JSON after decoding is given as text.
 * @throws RedlinkError `BAD_REQUEST` where it is no codec text.
 */
export function decode(wire: unknown): unknown {
  if (typeof wire !== 'string' || wire === '') return wire;
  const text = decodeText(wire);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text; // Not an error: 3.0.5 gives such a text to the flow as it is.
  }
}

/**
 * Codec form as JSON text, which stays letter by letter what the sender wrote; a text that is not
 * JSON becomes a JSON string.
 * @throws RedlinkError `BAD_REQUEST` where it is no codec text.
 */
export function decodeToJson(codec: string): string {
  const text = decodeText(codec);
  try {
    JSON.parse(text);
  } catch {
    return JSON.stringify(text); // Not an error: see decode().
  }
  return escapeLoneSurrogates(text);
}

/**
 * JSON text that UTF-8 can carry: a surrogate without its other half, which UTF-8 has no bytes for,
 * as `\udXXX`. Inside JSON strings, the only place where one can stand, both mean the same.
 */
export function escapeLoneSurrogates(json: string): string {
  return json.replace(/\p{Surrogate}/gu, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`);
}

/** The error for text that is not in codec form. */
export function notCodec(cause?: unknown): RedlinkError {
  return new RedlinkError('BAD_REQUEST', 'A value is not base64 of UTF-16LE text.', cause);
}
