import { types } from 'node:util';
import { placeholder } from '../protocol/parts/head.js';
import { uuidIds } from '../support/ids.js';
import { bufferText } from './buffer-text.js';
import type { Marked } from './marked.js';

/** Characters of Buffers from which on they are written by us: below it `JSON.stringify` is as quick. */
const BULKY_CHARS = 4_096;

/**
 * The JSON text of a value: to the letter what `JSON.stringify` gives, without its cost for Buffers.
 * Undefined where there is none, as for a function.
 */
export function jsonText(value: unknown, marked: Marked | undefined): string | undefined {
  if (marked === undefined || !hasBulkyBuffers(marked)) return stringify(value);
  if (Buffer.isBuffer(value)) return bufferText(value);
  const { text, mark, taken: buffers } = textWithout(value, marked, isBuffer);
  return text?.replaceAll(new RegExp(`"${placeholder(mark, '(\\d+)')}"`, 'g'), (found, index: string) => {
    const buffer = buffers[Number(index)];
    return buffer === undefined ? found : bufferText(buffer);
  });
}

function isBuffer(entry: unknown): entry is Buffer {
  return Buffer.isBuffer(entry);
}

function hasBulkyBuffers({ bufferChars, large }: Marked): boolean {
  return bufferChars >= BULKY_CHARS || large.some((leaf) => typeof leaf !== 'string');
}

/** A JSON text out of which something was taken. */
export interface TextWithout<Leaf> {
  /** The text with a placeholder, a string, in the place of each. Undefined where there is none. */
  readonly text: string | undefined;
  /** What all placeholders begin with. */
  readonly mark: string;
  /** What was taken, in the order of the text: number `n` has the placeholder `n`. */
  readonly taken: readonly Leaf[];
}

/** The JSON text of a value without the entries that `isTaken` names, each of them a Buffer or a string. */
export function textWithout<Leaf>(
  value: unknown,
  { holders }: Pick<Marked, 'holders'>,
  isTaken: (entry: unknown) => entry is Leaf,
): TextWithout<Leaf> {
  // Unlike anything that a flow could have put into its message.
  const mark = uuidIds.next();
  const taken: Leaf[] = [];
  // Boxes stand in copies of what holds the entries until JSON.stringify comes by: only then they are numbered
  // in the order of the text. Buffers themselves would have become arrays by then.
  const boxes = new Map<unknown, Leaf>();
  const boxed = (entry: unknown): unknown => {
    if (!isTaken(entry)) return entry;
    const box = {};
    boxes.set(box, entry);
    return box;
  };
  const text = stringify(boxed(value), (entry) => {
    const content = boxes.get(entry);
    if (content !== undefined) return placeholder(mark, taken.push(content) - 1);
    return holders.has(entry) ? copyWith(entry, boxed) : entry;
  });
  return { text, mark, taken };
}

/** An object or array as JSON sees it, its own entries changed. */
function copyWith(holder: unknown, change: (entry: unknown) => unknown): unknown {
  if (Array.isArray(holder)) return holder.map(change);
  // JSON writes a boxed text or number as what is in the box.
  if (typeof holder !== 'object' || holder === null || types.isBoxedPrimitive(holder)) return holder;
  return Object.fromEntries(Object.entries(holder).map(([key, entry]) => [key, change(entry)]));
}

/** `JSON.stringify`, whose type hides that it gives undefined for functions and symbols. */
function stringify(value: unknown, replace?: (entry: unknown) => unknown): string | undefined {
  const text: unknown = JSON.stringify(value, replace && ((_key, entry) => replace(entry)));
  return typeof text === 'string' ? text : undefined;
}
