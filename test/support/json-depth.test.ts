import assert from 'node:assert/strict';
import fc from 'fast-check';
import { exceeds, isNestedDeeperThan } from '../../src/support/json-depth.js';

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

/** Arrays, and objects with their fields, of a value. */
function partsOf(value: unknown): { arrays: number; fields: number } {
  if (typeof value !== 'object' || value === null) return { arrays: 0, fields: 0 };
  const entries = Object.values(value);
  const inner = entries.map(partsOf);
  const own = Array.isArray(value) ? { arrays: 1, fields: 0 } : { arrays: 0, fields: 1 + entries.length };
  return {
    arrays: inner.reduce((sum, { arrays }) => sum + arrays, own.arrays),
    fields: inner.reduce((sum, { fields }) => sum + fields, own.fields),
  };
}

describe('exceeds', () => {
  it('agrees with the number of arrays, and of objects and their fields', () => {
    const most = fc.integer({ min: 0, max: 12 });
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), most, most, (value, arrays, fields) => {
        const parts = partsOf(value);
        assert.equal(
          exceeds(JSON.stringify(value), { depth: Infinity, arrays, fields }),
          parts.arrays > arrays || parts.fields > fields,
        );
      }),
    );
  });
});

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
