import { types } from 'node:util';
import type { JsonPath, Restore } from '../protocol/payload-source.js';
import { bufferTextLength } from './buffer-text.js';
import { isLarge } from './large-leaf.js';
import { MAX_DEPTH } from './limits.js';

/** The Buffers, Dates and long strings of a value, as far as they need more than `JSON.stringify`. */
export interface Marked {
  /** Buffers and Dates by the places that they take in the JSON text. Undefined where there are none. */
  readonly restore: Restore | undefined;
  /** Characters that all small Buffers together take in the text. */
  readonly bufferChars: number;
  /** Characters of all small strings together, which take at least as many in the text. Of a small value 0. */
  readonly stringChars: number;
  /** The large Buffers and strings, in no order. */
  readonly large: readonly (Buffer | string)[];
  /** The objects and arrays that Buffers and long strings are directly in. */
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
 * Walks what `JSON.stringify` walks and notes what is to be noted. With a stack of its own, so that no
 * depth overflows; without a memory of what was seen, since an object that occurs twice stands twice
 * in the text. Undefined where the value is nested deeper than {@link MAX_DEPTH}, or for ever.
 * @throws whatever a `toJSON` or a getter of the value throws.
 */
export function findMarked(root: unknown): Marked | undefined {
  return isPlain(root) ? NOTHING_MARKED : new Walk().of(root);
}

const NOTHING_MARKED: Marked = {
  restore: undefined,
  bufferChars: 0,
  stringChars: 0,
  large: [],
  holders: new Set(),
};

/** Objects up to which a value is looked through for nothing but whether the walk is needed at all. */
const FEW_OBJECTS = 64;

/** Characters up to which it need not be known how many there are. */
const FEW_CHARS = 1_048_576;

/** Whether a value is small and holds nothing to note: most messages, so it must cost next to nothing. */
function isPlain(root: unknown): boolean {
  if (typeof root === 'string') return !isLarge(root);
  const found: unknown[] = [root];
  let chars = 0;
  for (let at = 0; at < found.length; at++) {
    if (found.length > FEW_OBJECTS) return false;
    const value = found[at];
    if (typeof value !== 'object' || value === null) continue;
    // Buffers and Dates are among those with a `toJSON`.
    if (hasToJson(value) || ArrayBuffer.isView(value)) return false;
    const entries: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
    for (const entry of entries) {
      if (typeof entry === 'object') found.push(entry);
      else if (typeof entry === 'string') {
        chars += entry.length;
        if (isLarge(entry) || chars > FEW_CHARS) return false;
      }
    }
  }
  return true;
}

/** One walk through a value, and what it has found so far. */
class Walk {
  private readonly buffers: JsonPath[] = [];
  private readonly dates: JsonPath[] = [];
  private readonly large: (Buffer | string)[] = [];
  private readonly holders = new Set<unknown>();
  private readonly waiting: Place[] = [];
  private bufferChars = 0;
  private stringChars = 0;

  of(root: unknown): Marked | undefined {
    this.visit(root, '', undefined);
    for (let place = this.waiting.pop(); place !== undefined; place = this.waiting.pop()) {
      if (place.depth > MAX_DEPTH) return undefined;
      this.enter(place);
    }
    const { large, holders, bufferChars, stringChars } = this;
    return { restore: asRestore(this.buffers, this.dates), bufferChars, stringChars, large, holders };
  }

  private visit(value: unknown, key: string | number, parent: Place | undefined): void {
    if (typeof value === 'string') {
      if (!isLarge(value) || !this.noteLarge(value, parent)) this.stringChars += value.length;
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    const place = { value, key, parent, depth: parent === undefined ? 1 : parent.depth + 1 };
    if (Buffer.isBuffer(value)) {
      this.buffers.push(pathTo(place));
      this.noteBuffer(value, parent);
    } else if (types.isDate(value)) {
      // Not `instanceof`: function nodes run in a realm of their own, with a Date of its own.
      this.dates.push(pathTo(place));
    } else if (!ArrayBuffer.isView(value)) {
      this.waiting.push(place);
    }
  }

  private noteBuffer(buffer: Buffer, parent: Place | undefined): void {
    if (isLarge(buffer) && this.noteLarge(buffer, parent)) return;
    this.bufferChars += bufferTextLength(buffer);
    if (parent !== undefined) this.holders.add(parent.value);
  }

  /** @returns whether it can be taken out of the text: not where each call of a `toJSON` makes another one. */
  private noteLarge(leaf: Buffer | string, parent: Place | undefined): boolean {
    if (parent !== undefined) {
      if (hasToJson(parent.value)) return false;
      this.holders.add(parent.value);
    }
    this.large.push(leaf);
    return true;
  }

  private enter(place: Place): void {
    const shown = shownAsJson(place);
    if (Array.isArray(shown)) {
      for (let index = 0; index < shown.length; index++) this.visit(shown[index], index, place);
    } else if (typeof shown === 'object' && shown !== null) {
      for (const [key, entry] of Object.entries(shown)) this.visit(entry, key, place);
    }
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
