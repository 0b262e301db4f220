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
});
