import type { PayloadSource } from '../protocol/payload-source.js';
import { textWithout } from './json-text.js';
import { isLargeLeaf } from './large-leaf.js';
import { findMarked, type Marked } from './marked.js';
import { partsSource } from './parts-source.js';
import { encodeRestore, parseRestore } from './restore.js';
import {
  mustBeText,
  mustFit,
  orRefusal,
  serialise,
  smallChars,
  textOf,
  type Serialised,
} from './serialise.js';
import { textSource } from './sources.js';

/**
 * Characters of the large strings of a value, together, from which on it is not written as one JSON text. Below, the text
 * is quicker, and what it takes for a moment does not matter. A large Buffer is never written as text: three to four
 * characters for each byte, made at one end and taken apart at the other, cost seven times what its bytes do.
 */
const STRINGS_IN_PARTS_FROM = 1_048_576;

/** A value as JSON text, and what JSON would lose. */
export interface PackedText {
  readonly text: string;
  /** `Restore` as JSON text; empty for nothing. */
  readonly restore: string;
}

/** A value that is too large for one text: still where it was, to be read from there piece by piece. */
export interface PackedParts {
  readonly text: undefined;
  readonly restore: string;
  readonly parts: PayloadSource;
}

export type Packed = PackedText | PackedParts;

/**
 * Makes a value ready to be kept or sent.
 * @throws RedlinkError as `serialise`
 */
export function pack(value: unknown): Packed {
  return orRefusal(() => {
    const marked = findMarked(value);
    return marked !== undefined && isWorthParts(marked)
      ? asParts(value, marked)
      : asText(textOf(value, marked));
  });
}

/** As {@link pack}, where nothing but text can be kept. */
export function packText(value: unknown): PackedText {
  return asText(serialise(value));
}

/** Bytes that a value takes where it is kept. */
export function packedBytes(packed: Packed): number {
  return packed.text === undefined ? (packed.parts.byteLength ?? 0) : Buffer.byteLength(packed.text);
}

/** A value as a source. */
export function packedSource(packed: Packed): PayloadSource {
  return packed.text === undefined ? packed.parts : textSource(packed.text, parseRestore(packed.restore));
}

function isWorthParts({ large }: Marked): boolean {
  let chars = 0;
  for (const leaf of large) {
    if (typeof leaf !== 'string') return true;
    chars += leaf.length;
  }
  return chars >= STRINGS_IN_PARTS_FROM;
}

function asText({ text, restore }: Serialised): PackedText {
  return { text, restore: encodeRestore(restore) };
}

function asParts(value: unknown, marked: Marked): PackedParts {
  mustFit(smallChars(marked));
  const without = textWithout(value, marked, isLargeLeaf);
  const parts = partsSource(without, mustBeText(without.text, value, marked), marked.restore);
  return { text: undefined, restore: encodeRestore(parts.restore), parts };
}
