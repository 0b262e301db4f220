import assert from 'node:assert/strict';
import { visibleStores } from './reachability.js';
import type { StorePlan } from './scenario.js';

/** A store whose norths do not redistribute, unless they say so. */
function store(name: string, ...norths: readonly StorePlan['norths'][number][]): StorePlan {
  return { name, norths, southInsert: true, interStoreLB: false, wallOffsetMs: 0, modern: true };
}

function toward(index: number, redistribute = false): StorePlan['norths'][number] {
  return { store: index, redistribute };
}

describe('simulation: who sees whom', () => {
  it('is what the example of WIRE 3 says', () => {
    const [s1, s10, s11, s2, s3, s12] = [0, 1, 2, 3, 4, 5];
    const visible = visibleStores([
      store('s1', toward(s10), toward(s11)),
      store('s10'),
      store('s11'),
      store('s2', toward(s10)),
      store('s3', toward(s11)),
      store('s12'),
    ]);
    const sorted = visible.map((stores) => [...stores].sort());
    assert.deepEqual(sorted[s10], [s1, s10, s2].sort());
    assert.deepEqual(sorted[s11], [s1, s11, s3].sort());
    assert.deepEqual(sorted[s2], [s1, s10, s2].sort());
    assert.deepEqual(sorted[s3], [s1, s11, s3].sort());
    assert.deepEqual(sorted[s12], [s12]);
    assert.deepEqual(sorted[s1], [s1, s10, s11, s2, s3].sort());
  });

  it('goes down a second link only where the first redistributes', () => {
    const chain = (redistribute: boolean): readonly StorePlan[] => [
      store('top'),
      store('middle', toward(0, redistribute)),
      store('bottom', toward(1)),
    ];
    assert.equal(visibleStores(chain(true))[2]?.has(0), true);
    assert.equal(visibleStores(chain(false))[2]?.has(0), false);
    assert.equal(visibleStores(chain(false))[0]?.has(2), true);
  });

  it('ends in a ring', () => {
    const ring = [store('a', toward(1)), store('b', toward(2)), store('c', toward(0))];
    for (const stores of visibleStores(ring)) assert.equal(stores.size, 3);
  });
});
