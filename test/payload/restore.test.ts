import assert from 'node:assert/strict';
import { encodeRestore, parseRestore } from '../../src/payload/restore.js';
import { RedlinkError } from '../../src/support/errors.js';

describe('A restore as text', () => {
  it('comes back as it was, nothing as an empty text', () => {
    for (const restore of [
      undefined,
      { isUndefined: true },
      { buffers: [[], ['a', 0]] },
      { dates: [['b']] },
    ] as const) {
      assert.deepEqual(parseRestore(encodeRestore(restore)), restore);
    }
    assert.equal(encodeRestore(undefined), '');
  });

  it('is refused where it is anything else', () => {
    for (const text of [
      'x',
      '1',
      'null',
      '{"buffers":{"length":1e8}}',
      '{"dates":[[{}]]}',
      '{"isUndefined":false}',
    ]) {
      assert.throws(
        () => parseRestore(text),
        (thrown) => thrown instanceof RedlinkError && thrown.code === 'BAD_REQUEST',
      );
    }
  });
});
