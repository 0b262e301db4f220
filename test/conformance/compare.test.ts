import assert from 'node:assert/strict';
import { encode } from './codec.js';
import { compare } from './compare.js';

describe('the comparison with a recording', () => {
  it('tells the text of a number from the number', () => {
    assert.deepEqual(compare({ enm: '25' }, { enm: 25 }), [{ field: 'enm', recorded: '25', ours: 25 }]);
  });

  it('reports a field that only one side has, however deep', () => {
    assert.deepEqual(compare({ path: [{ store: 'a' }] }, { path: [{ store: 'a', more: 1 }] }), [
      { field: 'path.0.more', recorded: undefined, ours: 1 },
    ]);
  });

  it('reports an array that is longer or shorter', () => {
    assert.deepEqual(compare([1], []), [{ field: '0', recorded: 1, ours: undefined }]);
  });

  it('does not mind the values of moments and delays, but their types', () => {
    assert.deepEqual(compare({ readDelay: 5, ttl: 1 }, { readDelay: 7, ttl: 2 }), []);
    assert.equal(compare({ readDelay: 5 }, { readDelay: '5' }).length, 1);
    assert.equal(compare({ readDelay: 5 }, {}).length, 1);
  });

  it('looks inside what is in codec form', () => {
    const recorded = encode({ payload: 'x', _msgid: 'one' }) ?? null;
    assert.deepEqual(compare(recorded, encode({ payload: 'x', _msgid: 'two' })), []);
    assert.deepEqual(compare({ body: recorded }, { body: encode({ payload: 'y', _msgid: 'two' }) ?? null }), [
      { field: 'decode(body).payload', recorded: 'x', ours: 'y' },
    ]);
  });

  it('knows a text that the recorder shortened', () => {
    assert.deepEqual(compare('LL…[5 characters]', 'LLLLL'), []);
    assert.equal(compare('LL…[5 characters]', 'LLLL').length, 1);
  });
});
