import assert from 'node:assert/strict';
import { crc32c } from '../../src/journal/crc32c.js';

describe('crc32c', () => {
  it('gives the values of RFC 3720, B.4', () => {
    assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa);
    assert.equal(crc32c(Buffer.alloc(32, 0xff)), 0x62a8ab43);
    assert.equal(crc32c(Buffer.from(Array.from({ length: 32 }, (_item, index) => index))), 0x46dd794e);
    assert.equal(crc32c(Buffer.from(Array.from({ length: 32 }, (_item, index) => 31 - index))), 0x113fdb5c);
  });

  it('gives 0 for no bytes', () => {
    assert.equal(crc32c(Buffer.alloc(0)), 0);
  });
});
