import assert from 'node:assert/strict';
import { LineSplitter } from '../../../src/protocol/v4/line-splitter.js';

/** What takes longer, ms, takes the longer the longer the line is. */
const AT_ONCE_MS = 15_000;

describe('lines that arrive in pieces', () => {
  it('are the same whatever the pieces, letters cut in two included', () => {
    const bytes = Buffer.from('{"a":"𝄞é"}\n\nsecond 服务\nunfinished', 'utf8');
    for (let size = 1; size <= bytes.length; size += 1) {
      const splitter = new LineSplitter();
      const lines: string[] = [];
      for (let at = 0; at < bytes.length; at += size) {
        lines.push(...splitter.push(bytes.subarray(at, at + size)));
      }
      assert.deepEqual(lines, ['{"a":"𝄞é"}', '', 'second 服务'], `pieces of ${size}`);
    }
  });

  it('a line that comes byte by byte takes as long as one that comes at once', function () {
    this.timeout(AT_ONCE_MS);
    const splitter = new LineSplitter();
    const byte = Buffer.from('x');
    for (let count = 0; count < 1_000_000; count += 1) assert.equal(splitter.push(byte).length, 0);
    assert.deepEqual(
      splitter.push(Buffer.from('\n')).map(({ length }) => length),
      [1_000_000],
    );
  });

  it('a line without end is refused, and so is what is not UTF-8', () => {
    const splitter = new LineSplitter();
    const piece = Buffer.alloc(65_536, 0x20);
    assert.throws(
      () => {
        for (let count = 0; count < 20; count += 1) splitter.push(piece);
      },
      { code: 'BODY_TOO_LARGE' },
    );
    assert.throws(() => new LineSplitter().push(Uint8Array.of(0xff)), { code: 'BAD_REQUEST' });
  });
});
