import assert from 'node:assert/strict';
import { BoundedMemory } from '../../src/support/bounded-memory.js';

describe('BoundedMemory', () => {
  it('forgets the oldest entry when a new one comes over the limit', () => {
    const memory = new BoundedMemory<number>(2);
    memory.set('a', 1);
    memory.set('b', 2);
    memory.set('c', 3);
    assert.equal(memory.get('a'), undefined);
    assert.equal(memory.has('a'), false);
    assert.equal(memory.get('b'), 2);
    assert.equal(memory.get('c'), 3);
  });

  it('counts an entry that is set again as new', () => {
    const memory = new BoundedMemory<number>(2);
    memory.set('a', 1);
    memory.set('b', 2);
    memory.set('a', 3);
    memory.set('c', 4);
    assert.equal(memory.get('a'), 3);
    assert.equal(memory.has('b'), false);
  });

  it('stays small, and remembers others, when the same entry is set over and over', () => {
    const memory = new BoundedMemory<number>(2);
    memory.set('a', 0);
    for (let n = 0; n < 5_000; n += 1) memory.set('b', n);
    assert.equal(memory.get('b'), 4_999);
    for (let n = 0; n < 5_000; n += 1) memory.set(String(n), n);
    assert.equal(memory.has('4999'), true);
    assert.equal(memory.has('4998'), true);
    assert.equal(memory.has('4997'), false);
    assert.equal(memory.has('b'), false);
  });
});
