import {
  BUFFER_BEGIN as BEGIN,
  BUFFER_END as END,
  BytesAsNumbers,
  digitsOf,
} from '../protocol/parts/buffer-numbers.js';

const COMMA = ','.charCodeAt(0);
const ZERO = '0'.charCodeAt(0);
const TEN = 10;
const MAX_BYTE = 255;

/** Bytes that are written at a time: as text they take four times as much, for a moment. */
const PIECE_BYTES = 65_536;

/** Number of characters of {@link bufferText}: counted, not written. */
export function bufferTextLength(buffer: Buffer): number {
  let length = BEGIN.length + END.length + Math.max(0, buffer.length - 1);
  for (let index = 0; index < buffer.length; index++) length += digitsOf(buffer[index] ?? 0);
  return length;
}

/**
 * Exactly what `JSON.stringify` makes of a Buffer. That first makes an array of it, which takes
 * eight times its size and ends the process where memory is short; this takes what the text takes.
 */
export function bufferText(buffer: Buffer): string {
  const text = Buffer.allocUnsafeSlow(bufferTextLength(buffer));
  const numbers = new BytesAsNumbers();
  let at = text.write(BEGIN, 'latin1');
  for (let start = 0; start < buffer.length; start += PIECE_BYTES) {
    at += numbers.write(buffer.subarray(start, start + PIECE_BYTES)).copy(text, at);
  }
  text.write(END, at, 'latin1');
  return text.toString('latin1');
}

/** A JSON text out of which the Buffers were cut. */
export interface CutText {
  /** The text with a placeholder, a string, in the place of each Buffer. */
  readonly text: string;
  /** The Buffers by placeholder. */
  readonly buffers: ReadonlyMap<string, Buffer>;
}

/**
 * Takes everything that looks like a Buffer out of a JSON text, so that parsing the rest does not make
 * an array of numbers, eight times their size, of each. In JSON {@link BEGIN} can only stand where
 * an object begins: within a string its quotes would be escaped.
 * @param placeholder a text that occurs nowhere else; each Buffer gets it with a number.
 */
export function cutBuffers(text: string, placeholder: string): CutText {
  const buffers = new Map<string, Buffer>();
  const pieces: string[] = [];
  let copied = 0;
  for (let begin = text.indexOf(BEGIN); begin >= 0; begin = text.indexOf(BEGIN, begin + BEGIN.length)) {
    const end = endOfNumbers(text, begin + BEGIN.length);
    const buffer = text.startsWith(END, end) ? readBytes(text, begin + BEGIN.length, end) : undefined;
    if (buffer === undefined) continue;
    const name = `${placeholder}${buffers.size}`;
    buffers.set(name, buffer);
    pieces.push(text.slice(copied, begin), `"${name}"`);
    copied = end + END.length;
  }
  pieces.push(text.slice(copied));
  return { text: pieces.join(''), buffers };
}

/** Place of the first character that is neither a digit nor a comma. */
function endOfNumbers(text: string, begin: number): number {
  let at = begin;
  while (at < text.length && (text.charCodeAt(at) === COMMA || isDigit(text.charCodeAt(at)))) at++;
  return at;
}

function isDigit(char: number): boolean {
  return char >= ZERO && char < ZERO + TEN;
}

/** The bytes of numbers between two places; undefined where {@link bufferText} would write them otherwise. */
function readBytes(text: string, begin: number, end: number): Buffer | undefined {
  const bytes = Buffer.allocUnsafeSlow(Math.ceil((end - begin) / 2));
  let count = 0;
  for (let at = begin; at < end; at++) {
    const start = at;
    let byte = 0;
    for (; at < end && text.charCodeAt(at) !== COMMA; at++) {
      byte = byte * TEN + (text.charCodeAt(at) - ZERO);
    }
    const canonical = at - start === digitsOf(byte) && byte <= MAX_BYTE;
    const endsInComma = at === end - 1;
    if (!canonical || endsInComma) return undefined;
    bytes[count++] = byte;
  }
  // A copy of its own size: the estimate is up to twice as large.
  return Buffer.from(bytes.subarray(0, count));
}
