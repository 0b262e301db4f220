import { type Json, parseJson } from './json.js';

/**
 * The codec of 3.0.5, written from WIRE.md 1 and not shared with `src/`: a player that used our own codec
 * would find its mistakes on neither side.
 */

/** JSON text as base64 of its UTF-16LE bytes; a falsy value travels as it is. */
export function encode(value: Json | undefined): Json | undefined {
  return value ? encodeText(value) : value;
}

/** Codec form of any value, of a falsy one too. */
export function encodeText(value: Json): string {
  return Buffer.from(JSON.stringify(value), 'utf16le').toString('base64');
}

/** Reverses {@link encode}. A text that is not JSON after decoding is given as that text. */
export function decode(wire: Json | undefined): Json | undefined {
  if (typeof wire !== 'string' || wire === '') {
    return wire;
  }
  const text = Buffer.from(wire, 'base64').toString('utf16le');
  return tryJson(text) ?? text;
}

/**
 * A text that is certainly in codec form: canonical base64 of UTF-16LE text that is JSON.
 * @returns what it stands for, or undefined where it is anything else.
 */
export function certainlyEncoded(wire: string): { readonly value: Json } | undefined {
  if (wire.length < SHORTEST_ENCODED || !/^[A-Za-z0-9+/]+={0,2}$/.test(wire)) {
    return undefined;
  }
  const bytes = Buffer.from(wire, 'base64');
  const canonical = bytes.length % 2 === 0 && bytes.toString('base64') === wire;
  const value = canonical ? tryJson(bytes.toString('utf16le')) : undefined;
  return value === undefined ? undefined : { value };
}

/** One JSON character is two bytes, and two bytes are four characters of base64. */
const SHORTEST_ENCODED = 4;

function tryJson(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof SyntaxError) {
      return undefined;
    }
    throw error;
  }
}
