import type { PayloadSource, Restore } from '../protocol/payload-source.js';
import { MAX_FRAME_BYTES, MAX_PARTS, writeHead, type Part, type PartKind } from '../protocol/parts/head.js';
import { RedlinkError } from '../support/errors.js';
import type { TextWithout } from './json-text.js';
import { textPieces } from './text-pieces.js';

/** Bytes of a Buffer that are handed on at a time; they are not copied. */
const PIECE_BYTES = 262_144;

/** How a string is written: each kind is what Node calls an encoding. */
type StringKind = Exclude<PartKind, 'buffer'>;

/**
 * A value in parts, out of what is in memory. Nothing of it is copied but piece by piece, when it is
 * opened: until then neither its Buffers nor the sizes of its strings may change.
 * @throws RedlinkError `MESSAGE_TOO_LARGE` where there are too many parts, or too much text around them.
 */
export function partsSource(
  { mark, taken }: TextWithout<Buffer | string>,
  text: string,
  restore: Restore | undefined,
): PayloadSource {
  const parts = taken.map(partOf);
  const frame = Buffer.from(text);
  if (parts.length > MAX_PARTS || frame.byteLength > MAX_FRAME_BYTES) {
    throw new RedlinkError(
      'MESSAGE_TOO_LARGE',
      'The message is too large: too much besides what can be sent as bytes',
    );
  }
  const head = writeHead({ mark, textBytes: frame.byteLength, parts });
  const partBytes = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return {
    encoding: 'parts',
    text: undefined,
    byteLength: head.byteLength + frame.byteLength + partBytes,
    restore,
    async *open() {
      yield head;
      yield frame;
      for (const [index, { kind }] of parts.entries()) yield* bytesOf(kind, taken[index] ?? '');
    },
  };
}

function partOf(leaf: Buffer | string): Part {
  if (typeof leaf !== 'string') return { kind: 'buffer', byteLength: leaf.byteLength };
  const utf8Bytes = Buffer.byteLength(leaf);
  // As many bytes as characters: ASCII, which can be read back at once, and without taking twice the memory.
  if (utf8Bytes === leaf.length) return { kind: 'latin1', byteLength: utf8Bytes };
  if (leaf.isWellFormed()) return { kind: 'utf8', byteLength: utf8Bytes };
  // UTF-8 has no bytes for a surrogate without its other half.
  return { kind: 'utf16le', byteLength: Buffer.byteLength(leaf, 'utf16le') };
}

function* bytesOf(kind: PartKind, leaf: Buffer | string): Generator<Uint8Array> {
  if (typeof leaf === 'string') yield* encoded(leaf, kind === 'buffer' ? 'latin1' : kind);
  else {
    for (let at = 0; at < leaf.byteLength; at += PIECE_BYTES) yield leaf.subarray(at, at + PIECE_BYTES);
  }
}

function* encoded(text: string, kind: StringKind): Generator<Uint8Array> {
  for (const piece of textPieces(text)) yield Buffer.from(piece, kind);
}
