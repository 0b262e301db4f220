import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Heap, NOT_IN_HEAP, type HeapItem } from '../../src/support/heap.js';

interface Numbered extends HeapItem {
  readonly value: number;
}

const numbered = (value: number): Numbered => ({ value, heapIndex: NOT_IN_HEAP });
const ascending = (): Heap<Numbered> => new Heap<Numbered>((a, b) => a.value < b.value);

describe('Heap', () => {
  it('agrees with a sorted list over random histories', () => {
    const action = fc.record({
      kind: fc.constantFrom('push', 'push', 'push', 'pop', 'remove'),
      value: fc.nat(50),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
        const heap = ascending();
        let model: Numbered[] = [];
        for (const { kind, value } of actions) {
          if (kind === 'push') {
            const item = numbered(value);
            heap.push(item);
            model.push(item);
          } else if (kind === 'pop') {
            const lowest = Math.min(...model.map((item) => item.value));
            const popped = heap.pop();
            assert.equal(popped?.value ?? Infinity, lowest);
            model = model.filter((item) => item !== popped);
          } else {
            const victim = model[value % Math.max(1, model.length)];
            if (victim === undefined) continue;
            assert.equal(heap.remove(victim), true);
            assert.equal(victim.heapIndex, NOT_IN_HEAP);
            model = model.filter((item) => item !== victim);
          }
          assert.equal(heap.size, model.length);
          assert.equal(heap.peek()?.value ?? Infinity, Math.min(...model.map((item) => item.value)));
          assert.ok(model.every((item) => heap.has(item)));
        }
      }),
    );
  });

  it('keeps the order when an item is taken out of the middle, whichever it is', () => {
    const values = fc.array(fc.nat(50), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(values, fc.nat(), (numbers, choice) => {
        const heap = ascending();
        const items = numbers.map(numbered);
        for (const item of items) heap.push(item);
        const [victim] = items.splice(choice % items.length, 1);
        assert.equal(victim !== undefined && heap.remove(victim), true);
        const drained = Array.from(items, () => heap.pop()?.value);
        assert.deepEqual(
          drained,
          items.map(({ value }) => value).sort((a, b) => a - b),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('does not take an item twice', () => {
    const heap = ascending();
    const item = numbered(1);
    heap.push(item);
    heap.push(item);
    assert.equal(heap.size, 1);
  });

  it('refuses to remove an item of another heap', () => {
    const [one, other] = [ascending(), ascending()];
    const item = numbered(1);
    one.push(item);
    other.push(numbered(2));
    assert.equal(other.remove(item), false);
    assert.equal(other.size, 1);
    assert.equal(one.has(item), true);
  });

  it('lets go of everything at once', () => {
    const heap = ascending();
    const item = numbered(1);
    heap.push(item);
    heap.clear();
    assert.equal(heap.size, 0);
    assert.equal(heap.has(item), false);
    heap.push(item);
    assert.equal(heap.pop(), item);
  });
});
