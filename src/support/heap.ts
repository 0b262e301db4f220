/** Position of an item that is in no heap. */
export const NOT_IN_HEAP = -1;

/** What a heap keeps on each of its items, so that any of them can be taken out without a search. */
export interface HeapItem {
  /** Written by the heap alone. Starts as {@link NOT_IN_HEAP}. An item is in one heap at a time. */
  heapIndex: number;
}

/**
 * A binary heap: the item that comes before all others is at hand at once; adding and taking out any
 * item costs the logarithm of the size.
 */
export class Heap<Item extends HeapItem> {
  readonly #items: Item[] = [];
  readonly #before: (a: Item, b: Item) => boolean;

  /** @param before whether `a` comes out before `b`; what it compares must not change while in the heap. */
  constructor(before: (a: Item, b: Item) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The first item, left where it is. */
  peek(): Item | undefined {
    return this.#items[0];
  }

  /** Adds an item. One that is in the heap already stays as it is. */
  push(item: Item): void {
    if (this.has(item)) return;
    this.#rise(item, this.#items.length);
  }

  /** Takes out the first item. */
  pop(): Item | undefined {
    const first = this.#items[0];
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** Takes out one item wherever it is; false where it is not in this heap. */
  remove(item: Item): boolean {
    if (!this.has(item)) return false;
    const hole = item.heapIndex;
    item.heapIndex = NOT_IN_HEAP;
    const last = this.#items.pop();
    if (last === undefined || last === item) return true;
    // The last item fills the hole; it may have to go either way from there.
    const parent = this.#items[parentOf(hole)];
    if (hole > 0 && parent !== undefined && this.#before(last, parent)) this.#rise(last, hole);
    else this.#sink(last, hole);
    return true;
  }

  has(item: Item): boolean {
    return this.#items[item.heapIndex] === item;
  }

  /** Takes out everything. */
  clear(): void {
    for (const item of this.#items) item.heapIndex = NOT_IN_HEAP;
    this.#items.length = 0;
  }

  #rise(item: Item, from: number): void {
    let index = from;
    while (index > 0) {
      const parent = this.#items[parentOf(index)];
      if (parent === undefined || !this.#before(item, parent)) break;
      this.#place(parent, index);
      index = parentOf(index);
    }
    this.#place(item, index);
  }

  #sink(item: Item, from: number): void {
    let index = from;
    for (;;) {
      const child = this.#firstChildOf(index);
      if (child === undefined || !this.#before(child, item)) break;
      const freed = child.heapIndex;
      this.#place(child, index);
      index = freed;
    }
    this.#place(item, index);
  }

  /** The child of a place that comes before the other. */
  #firstChildOf(index: number): Item | undefined {
    const left = this.#items[2 * index + 1];
    const right = this.#items[2 * index + 2];
    if (left === undefined || right === undefined) return left;
    return this.#before(right, left) ? right : left;
  }

  #place(item: Item, index: number): void {
    this.#items[index] = item;
    item.heapIndex = index;
  }
}

function parentOf(index: number): number {
  return (index - 1) >> 1;
}
