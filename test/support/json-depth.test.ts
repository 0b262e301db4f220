import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isNestedDeeperThan } from '../../src/support/json-depth.js';

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('isNestedDeeperThan', () => {
  it('agrees with the depth of the value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.integer({ min: 0, max: 7 }), (value, limit) => {
        assert.equal(isNestedDeeperThan(JSON.stringify(value), limit), depthOf(value) > limit);
      }),
    );
  });

  it('takes brackets within strings for text', () => {
    assert.equal(isNestedDeeperThan(JSON.stringify(['[[[[\\"[[[[', '"{{{{\\\\']), 1), false);
  });

  it('comes to an end for a text that is not JSON', () => {
    assert.equal(isNestedDeeperThan('"never ends \\', 1), false);
    assert.equal(isNestedDeeperThan(']]]]]]]]', 1), false);
    assert.equal(isNestedDeeperThan('['.repeat(1_000_000), 1_000), true);
  });
});
