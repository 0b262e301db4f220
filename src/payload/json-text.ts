import { types } from 'node:util';
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
  if (marked === undefined || marked.bufferChars < BULKY_CHARS) return stringify(value);
  if (Buffer.isBuffer(value)) return bufferText(value);
  return withoutBuffers(value, marked.holders);
}

/** Writes a string in the place of each Buffer first, and its text in the place of that then. */
function withoutBuffers(value: unknown, holders: ReadonlySet<unknown>): string | undefined {
  // Unlike anything that a flow could have put into its message.
  const placeholder = uuidIds.next();
  const buffers: Buffer[] = [];
  const replaced = (entry: unknown): unknown =>
    Buffer.isBuffer(entry) ? `${placeholder}-${buffers.push(entry) - 1}` : entry;
  const text = stringify(value, (entry) => (holders.has(entry) ? copyWith(entry, replaced) : entry));
  return text?.replaceAll(new RegExp(`"${placeholder}-(\\d+)"`, 'g'), (found, index: string) => {
    const buffer = buffers[Number(index)];
    return buffer === undefined ? found : bufferText(buffer);
  });
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
