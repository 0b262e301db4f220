import assert from 'node:assert/strict';
import { CHUNK_BYTES, lentChunks } from '../../src/support/lent-chunks.js';

describe('a chunk that was lent', () => {
  it('is filled again when it was given back, and only then', () => {
    const first = lentChunks.take(CHUNK_BYTES);
    const chunk = lentChunks.lend(first, 10);
    assert.equal(chunk.byteLength, 10);
    assert.notEqual(lentChunks.take(CHUNK_BYTES), first, 'it was given out twice');
    lentChunks.giveBack(chunk);
    assert.equal(lentChunks.take(CHUNK_BYTES), first);
  });

  it('comes back once, however often it is given back', () => {
    const buffer = lentChunks.take(CHUNK_BYTES);
    const chunk = lentChunks.lend(buffer, 10);
    lentChunks.giveBack(chunk);
    lentChunks.giveBack(chunk);
    assert.equal(lentChunks.take(CHUNK_BYTES), buffer);
    assert.notEqual(lentChunks.take(CHUNK_BYTES), buffer);
  });

  it('is not given back with a piece of it, nor is what was never lent', () => {
    const buffer = lentChunks.take(CHUNK_BYTES);
    const chunk = lentChunks.lend(buffer, 10);
    for (const other of [chunk.subarray(0, 5), chunk.subarray(0), Buffer.alloc(10)]) {
      lentChunks.giveBack(other);
      assert.notEqual(lentChunks.take(CHUNK_BYTES).buffer, other.buffer);
    }
  });

  it('is no larger than what is wanted', () => {
    assert.equal(lentChunks.take(1_000).byteLength, 1_000);
    assert.equal(lentChunks.take(10 * CHUNK_BYTES).byteLength, CHUNK_BYTES);
  });

  it('keeps no more memory than some transfers need', () => {
    const many = Array.from({ length: 100 }, () => lentChunks.take(CHUNK_BYTES));
    for (const buffer of many) lentChunks.keep(buffer);
    const again = new Set(Array.from({ length: 100 }, () => lentChunks.take(CHUNK_BYTES)));
    const kept = many.filter((buffer) => again.has(buffer));
    assert.equal(kept.length * CHUNK_BYTES, 4 * 1_048_576);
  });
});
