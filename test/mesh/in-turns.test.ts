import assert from 'node:assert/strict';
import { inTurns } from '../../src/mesh/in-turns.js';
import { SystemClock } from '../../src/support/system-clock.js';

describe('work for many things', () => {
  it('is done at once where they are few', () => {
    const done: number[] = [];
    inTurns([1, 2, 3], new SystemClock(), (thing) => done.push(thing));
    assert.deepEqual(done, [1, 2, 3]);
  });

  it('lets everything else have a turn where they are many, and keeps their order', async () => {
    const things = Array.from({ length: 5_000 }, (_, n) => n);
    const done: number[] = [];
    inTurns(things, new SystemClock(), (thing) => done.push(thing));
    const seen = new Set<number>();
    while (done.length < things.length) {
      seen.add(done.length);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(seen.size > 3, `turns after ${[...seen].join()}`);
    assert.deepEqual(done, things);
  });
});
