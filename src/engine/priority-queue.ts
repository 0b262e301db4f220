/** Heaps up to this size are never compacted: not worth the walk. Items. */
const COMPACT_ABOVE = 64;

/**
 * A binary heap of items from which any item can be deleted. Deleting is lazy: an item in the
 * middle stays in the heap, no longer a member, until it comes to the top or until the heap holds
 * twice as many items as there are members. So adding and deleting cost O(log n), on average.
 */
export class PriorityQueue<Item> {
  private heap: Item[] = [];
  private readonly members = new Set<Item>();

  /** @param before whether the first comes out before the second; must not change while both are in */
  constructor(private readonly before: (a: Item, b: Item) => boolean) {}

  get size(): number {
    return this.members.size;
  }

  /** Puts an item in its place. One that is in already stays where it is. */
  add(item: Item): void {
    if (this.members.has(item)) return;
    this.members.add(item);
    this.heap.push(item);
    this.siftUp(this.heap.length - 1);
  }

  /** Takes an item out, wherever it stands. */
  delete(item: Item): boolean {
    if (!this.members.delete(item)) return false;
    if (this.members.size === 0) this.heap.length = 0;
    else if (this.heap.length > COMPACT_ABOVE && this.heap.length > 2 * this.members.size) this.compact();
    return true;
  }

  /** The item that comes out next; it stays in. */
  first(): Item | undefined {
    for (;;) {
      const top = this.heap[0];
      if (top === undefined || this.members.has(top)) return top;
      this.pop();
    }
  }

  /** All items in the order in which they would come out. O(n log n): for lists, not for picking one. */
  inOrder(): Item[] {
    return [...this.members].sort((a, b) => (this.before(a, b) ? -1 : 1));
  }

  /** Drops what was deleted, and copies of what was deleted and added again. */
  private compact(): void {
    this.heap = [...this.members];
    for (let index = (this.heap.length >> 1) - 1; index >= 0; index -= 1) this.siftDown(index);
  }

  private pop(): void {
    const last = this.heap.pop();
    if (last === undefined || this.heap.length === 0) return;
    this.heap[0] = last;
    this.siftDown(0);
  }

  private siftUp(start: number): void {
    const item = this.heap[start];
    if (item === undefined) return;
    let index = start;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.heap[parentIndex];
      if (parent === undefined || !this.before(item, parent)) break;
      this.heap[index] = parent;
      index = parentIndex;
    }
    this.heap[index] = item;
  }

  private siftDown(start: number): void {
    const item = this.heap[start];
    if (item === undefined) return;
    let index = start;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = this.heap[childIndex];
      if (child === undefined) break;
      const sibling = this.heap[childIndex + 1];
      if (sibling !== undefined && this.before(sibling, child)) {
        childIndex += 1;
        child = sibling;
      }
      if (!this.before(child, item)) break;
      this.heap[index] = child;
      index = childIndex;
    }
    this.heap[index] = item;
  }
}
