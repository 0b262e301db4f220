import { types } from 'node:util';
import type { JsonPath, Restore } from '../protocol/payload-source.js';
import { bufferTextLength } from './buffer-text.js';
import { MAX_DEPTH } from './limits.js';

/** The Buffers and Dates of a value, by the places that they take in its JSON text. */
export interface Marked {
  /** Undefined where there are none. */
  readonly restore: Restore | undefined;
  /** Characters that all Buffers together take in the text. */
  readonly bufferChars: number;
  /** The objects and arrays that Buffers are directly in. */
  readonly holders: ReadonlySet<unknown>;
}

/** A value on the walk, and the way to it: kept as links, since few paths are ever written out. */
interface Place {
  readonly value: object;
  readonly key: string | number;
  readonly parent: Place | undefined;
  /** 1 for the value itself. */
  readonly depth: number;
}

/**
 * Walks what `JSON.stringify` walks and notes Buffers and Dates. With a stack of its own, so that no
 * depth overflows; without a memory of what was seen, since an object that occurs twice stands twice
 * in the text. Undefined where the value is nested deeper than {@link MAX_DEPTH}, or for ever.
 * @throws whatever a `toJSON` or a getter of the value throws.
 */
export function findMarked(root: unknown): Marked | undefined {
  return isPlain(root) ? NOTHING_MARKED : walk(root);
}

const NOTHING_MARKED: Marked = { restore: undefined, bufferChars: 0, holders: new Set() };

/** Objects up to which a value is looked through for nothing but whether the walk is needed at all. */
const FEW_OBJECTS = 64;

/** Whether a value is small and holds nothing to note: most messages, so it must cost next to nothing. */
function isPlain(root: unknown): boolean {
  const found: unknown[] = [root];
  for (let at = 0; at < found.length; at++) {
    if (found.length > FEW_OBJECTS) return false;
    const value = found[at];
    if (typeof value !== 'object' || value === null) continue;
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index++) {
        if (typeof value[index] === 'object') found.push(value[index]);
      }
    } else {
      // Buffers and Dates are among those with a `toJSON`.
      if (hasToJson(value) || ArrayBuffer.isView(value)) return false;
      for (const entry of Object.values(value)) if (typeof entry === 'object') found.push(entry);
    }
  }
  return true;
}

function walk(root: unknown): Marked | undefined {
  const buffers: JsonPath[] = [];
  const dates: JsonPath[] = [];
  const waiting: Place[] = [];
  const holders = new Set<unknown>();
  let bufferChars = 0;
  const visit = (value: unknown, key: string | number, parent: Place | undefined): void => {
    if (typeof value !== 'object' || value === null) return;
    const place = { value, key, parent, depth: parent === undefined ? 1 : parent.depth + 1 };
    if (Buffer.isBuffer(value)) {
      buffers.push(pathTo(place));
      if (parent !== undefined) holders.add(parent.value);
      bufferChars += bufferTextLength(value);
    } else if (types.isDate(value)) {
      // Not `instanceof`: function nodes run in a realm of their own, with a Date of its own.
      dates.push(pathTo(place));
    } else if (!ArrayBuffer.isView(value)) {
      waiting.push(place);
    }
  };

  visit(root, '', undefined);
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    if (place.depth > MAX_DEPTH) return undefined;
    eachEntry(place, visit);
  }
  return { restore: asRestore(buffers, dates), bufferChars, holders };
}

function eachEntry(place: Place, visit: (value: unknown, key: string | number, parent: Place) => void): void {
  const shown = shownAsJson(place);
  if (Array.isArray(shown)) {
    for (let index = 0; index < shown.length; index++) visit(shown[index], index, place);
  } else if (typeof shown === 'object' && shown !== null) {
    for (const [key, entry] of Object.entries(shown)) visit(entry, key, place);
  }
}

/** What stands in the text for an object: itself, or what its `toJSON` gives. */
function shownAsJson({ value, key }: Place): unknown {
  return hasToJson(value) ? value.toJSON(String(key)) : value;
}

function hasToJson(value: object): value is { toJSON(key: string): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

function pathTo(place: Place): JsonPath {
  const path: (string | number)[] = [];
  for (let at = place; at.parent !== undefined; at = at.parent) path.push(at.key);
  return path.reverse();
}

function asRestore(buffers: readonly JsonPath[], dates: readonly JsonPath[]): Restore | undefined {
  if (buffers.length === 0 && dates.length === 0) return undefined;
  return { ...(buffers.length > 0 && { buffers }), ...(dates.length > 0 && { dates }) };
}
