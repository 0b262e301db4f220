import assert from 'node:assert/strict';
import { CheckedRecords } from '../../src/journal/checked-records.js';

const VALUE = 'five!';

describe('CheckedRecords', () => {
  it('gives the records of a kind once, in their order', () => {
    const checked = new CheckedRecords();
    checked.keep('message', { id: 'a', value: VALUE });
    checked.keep('mark', { id: 'a', value: VALUE });
    checked.keep('message', { id: 'b', value: VALUE });
    assert.deepEqual(
      checked.take('message')?.map(({ id }) => id),
      ['a', 'b'],
    );
    assert.equal(checked.take('message'), undefined);
    assert.equal(checked.take('mark')?.length, 1);
  });

  it('gives none of them where all together are too many: a part would pass for the whole', () => {
    const checked = new CheckedRecords(2 * VALUE.length);
    for (const id of ['a', 'b', 'c', 'd']) checked.keep('message', { id, value: VALUE });
    assert.equal(checked.take('message'), undefined);
  });
});
