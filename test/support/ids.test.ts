import assert from 'node:assert/strict';
import { countingIds, uuidIds } from '../../src/support/ids.js';

describe('Ids', () => {
  it('are version 7 UUIDs in the order in which they were made, none twice', () => {
    const ids = Array.from({ length: 5_000 }, () => uuidIds.next());
    assert.ok(
      ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)),
    );
    assert.equal(new Set(ids).size, ids.length);
    assert.deepEqual([...ids].sort(), ids);
  });

  it('are secrets that cannot be told from each other', () => {
    const ids = Array.from({ length: 5_000 }, () => uuidIds.secret());
    assert.ok(
      ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)),
    );
    assert.equal(new Set(ids).size, ids.length);
  });

  it('count the same in each run where a simulation asks for that', () => {
    const [first, second] = [countingIds('m'), countingIds('m')];
    assert.deepEqual([first.next(), first.next(), second.next()], ['m-1', 'm-2', 'm-1']);
  });
});
