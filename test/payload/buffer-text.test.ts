import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bufferText, bufferTextLength, cutBuffers } from '../../src/payload/buffer-text.js';

const everyByte = Buffer.from(Array.from({ length: 256 }, (_item, index) => index));

describe('bufferText', () => {
  it('is what JSON.stringify makes of the Buffer, and as long as foretold', () => {
    for (const buffer of [Buffer.alloc(0), Buffer.from([0]), everyByte]) {
      assert.equal(bufferText(buffer), JSON.stringify(buffer));
      assert.equal(bufferTextLength(buffer), JSON.stringify(buffer).length);
    }
  });
});

describe('cutBuffers', () => {
  it('takes out each Buffer and leaves a string in its place', () => {
    const value = { a: everyByte, b: [Buffer.alloc(0), 'text', { c: Buffer.from('c') }] };
    const { text, buffers } = cutBuffers(JSON.stringify(value), 'cut-');
    assert.deepEqual(JSON.parse(text), { a: 'cut-0', b: ['cut-1', 'text', { c: 'cut-2' }] });
    assert.deepEqual([...buffers.values()], [everyByte, Buffer.alloc(0), Buffer.from('c')]);
  });

  it('leaves alone what a Buffer would not be written as', () => {
    for (const data of [
      '256',
      '01',
      '1,',
      ',1',
      '1,,2',
      ' 1',
      '1 ',
      '-1',
      '1.5',
      '1e1',
      '"1"',
      '[1]',
      '99999999999',
    ]) {
      const text = `{"type":"Buffer","data":[${data}]}`;
      assert.equal(cutBuffers(text, 'cut-').text, text, data);
    }
    for (const text of [
      '{"type":"Buffer","data":[1],"x":1}',
      '{"type":"Buffer","data":[1',
      '{"type":"Buffer","data":[',
    ]) {
      assert.equal(cutBuffers(text, 'cut-').text, text);
    }
  });

  it('takes nothing out of the inside of a string', () => {
    const text = JSON.stringify({
      quoted: JSON.stringify({ deep: Buffer.from('a') }),
      brace: '{',
      key: { '{': 1 },
    });
    assert.equal(cutBuffers(text, 'cut-').text, text);
  });

  it('needs time in proportion to the text, however it is made', () => {
    const text = '{"type":"Buffer","data":['.repeat(200_000) + '1]}';
    assert.equal(cutBuffers(text, 'cut-').buffers.size, 1);
  });

  it('puts together what it took apart', () => {
    const tree = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(tree, fc.uint8Array(), (value, bytes) => {
        const text = JSON.stringify([value, Buffer.from(bytes), { value }]);
        const { text: rest, buffers } = cutBuffers(text, 'cut-');
        const whole = rest.replaceAll(/"(cut-\d+)"/g, (found, name: string) => {
          const buffer = buffers.get(name);
          return buffer === undefined ? found : bufferText(buffer);
        });
        assert.equal(whole, text);
      }),
    );
  });
});
