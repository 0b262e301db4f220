import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeText, encodeText, escapeLoneSurrogates } from '../../../src/protocol/v3/codec.js';
import { codecToUtf8, utf8ToCodec } from '../../../src/protocol/v3/codec-stream.js';
import { RedlinkError } from '../../../src/support/errors.js';
import { chunked, collect } from './streams.js';

/** Text with what is hard: surrogate pairs, lone surrogates, the replacement character, a byte-order mark. */
const hardText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('𝄞', '😀', '服务', 'é', '\ufffd', '\ufeff', '\ud834', '\udd1e', 'plain'),
    ),
  )
  .map((parts) => parts.join(''));
const cuts = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 });

describe('the codec as a stream', () => {
  it('gives the same text as the codec in memory, however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(hardText, cuts, async (value, sizes) => {
        const json = JSON.stringify(value);
        const utf8 = Buffer.from(json, 'utf8');
        assert.equal((await collect(utf8ToCodec(chunked(utf8, sizes)))).toString('latin1'), encodeText(json));
      }),
    );
  });

  it('brings every text back, however the codec text is cut', async () => {
    await fc.assert(
      fc.asyncProperty(hardText, cuts, async (text, sizes) => {
        const codec = Buffer.from(encodeText(text), 'latin1');
        const utf8 = await collect(codecToUtf8(chunked(codec, sizes)));
        assert.equal(utf8.toString('utf8'), escapeLoneSurrogates(text));
      }),
    );
  });

  it('keeps a value with split surrogate pairs through single bytes, there and back', async () => {
    const json = JSON.stringify({ clef: '𝄞'.repeat(100), lone: '\ud834', text: '\ufffd' });
    const codec = await collect(utf8ToCodec(chunked(Buffer.from(json, 'utf8'), [1])));
    assert.equal(decodeText(codec.toString('latin1')), json);
    assert.equal((await collect(codecToUtf8(chunked(codec, [1])))).toString('utf8'), json);
  });

  it('writes a lone surrogate inside JSON as the escape that means the same', async () => {
    const codec = Buffer.from(encodeText('"\ud834"'), 'latin1');
    const json = (await collect(codecToUtf8(chunked(codec, [3])))).toString('utf8');
    assert.equal(json, '"\\ud834"');
    assert.equal(JSON.parse(json), '\ud834');
  });

  for (const [what, text] of [
    ['a character that is no digit', 'IgB4\u0001AA='],
    ['padding in the middle', 'IgB4ACIA====IgB4'],
    ['digits after padding that ends a whole group', 'IgA=IgA='],
    ['an unfinished group', 'IgB4ACI'],
    ['half a unit', 'Ig=='],
    ['a unit and a half', 'IgB4'],
    ['white space', 'IgB4 CIA'],
  ] as const) {
    it(`refuses ${what}`, async () => {
      for (const sizes of [[1], [4], [100]]) {
        await assert.rejects(
          collect(codecToUtf8(chunked(Buffer.from(text, 'latin1'), sizes))),
          (thrown) => thrown instanceof RedlinkError && thrown.code === 'BAD_REQUEST',
        );
      }
    });
  }

  it('refuses bytes that are not UTF-8', async () => {
    await assert.rejects(collect(utf8ToCodec(chunked(Buffer.from([0x22, 0xff, 0x22]), [1]))), RedlinkError);
    await assert.rejects(collect(utf8ToCodec(chunked(Buffer.from([0x22, 0xe2, 0x82]), [1]))), RedlinkError);
  });

  it('lets its source go when the reader leaves, and when the bytes are bad', async () => {
    for (const bytes of [Buffer.from('IgB4ACIA'.repeat(9)), Buffer.from('!!!!'.repeat(9))]) {
      let released = false;
      const source = (async function* () {
        try {
          for (;;) yield bytes;
        } finally {
          released = true;
        }
      })();
      try {
        for await (const chunk of codecToUtf8(source)) if (chunk.length > 0) break;
      } catch (thrown) {
        assert.ok(thrown instanceof RedlinkError);
      }
      assert.equal(released, true);
    }
  });

  it('holds no more than a chunk, whatever the length', async () => {
    const chunk = Buffer.from('"é𝄞'.repeat(2_000), 'utf8');
    let given = 0;
    const source = (async function* () {
      for (; given < 500; given += 1) yield chunk;
    })();
    let taken = 0;
    for await (const out of codecToUtf8(utf8ToCodec(source))) {
      taken += out.length;
      assert.ok(given * chunk.length - taken <= 2 * chunk.length);
    }
    assert.equal(taken, 500 * chunk.length);
  });
});
