import assert from 'node:assert/strict';
import fc from 'fast-check';
import { asUtf8, readText, textSource } from '../../src/payload/sources.js';
import type { PayloadSource } from '../../src/protocol/payload-source.js';
import { type ErrorCode, RedlinkError } from '../../src/support/errors.js';

/** A source whose bytes arrive in the chunks given. */
function arriving(chunks: Iterable<Uint8Array>, encoding: PayloadSource['encoding'] = 'utf8'): PayloadSource {
  const open = async function* (): AsyncGenerator<Uint8Array> {
    yield* chunks;
  };
  return { encoding, text: undefined, byteLength: undefined, restore: undefined, open };
}

function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** The codec of version 3, written as plainly as can be. */
function codec(text: string): Buffer {
  return Buffer.from(Buffer.from(text, 'utf16le').toString('base64'));
}

async function bytesOf(source: PayloadSource): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.open()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const failsWith =
  (code: ErrorCode) =>
  (thrown: unknown): boolean =>
    thrown instanceof RedlinkError && thrown.code === code;

describe('textSource', () => {
  it('gives the text, its length in bytes and its bytes, again and again', async () => {
    const source = textSource('{"a":"服务 😀"}', { dates: [['a']] });
    assert.equal(source.byteLength, Buffer.byteLength('{"a":"服务 😀"}'));
    assert.deepEqual(source.restore, { dates: [['a']] });
    assert.equal((await bytesOf(source)).toString(), '{"a":"服务 😀"}');
    assert.equal((await bytesOf(source)).toString(), '{"a":"服务 😀"}');
  });

  it('gives a large text in small pieces without breaking a character', async () => {
    for (const shift of ['', 'x']) {
      const text = `${shift}${'😀'.repeat(200_000)}`;
      const source = textSource(text, undefined);
      let largest = 0;
      for await (const chunk of source.open()) largest = Math.max(largest, chunk.byteLength);
      assert.ok(largest <= 300_000, `a chunk of ${largest} bytes`);
      assert.equal((await bytesOf(source)).toString(), text);
    }
  });

  it('has no bytes for an empty text', async () => {
    assert.equal((await bytesOf(textSource('', undefined))).length, 0);
  });
});

describe('readText', () => {
  it('joins characters that were cut anywhere, in UTF-8 and in the codec', async () => {
    const text = fc.string({ unit: 'grapheme' });
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 7 }), async (string, size) => {
        assert.equal(await readText(arriving(cut(Buffer.from(string), size))), string);
        assert.equal(await readText(arriving(cut(codec(string), size), 'codec')), string);
      }),
    );
  });

  it('keeps a byte order mark as part of the text', async () => {
    assert.equal(await readText(arriving([Buffer.from('\ufeff1')])), '\ufeff1');
  });

  it('takes the text where it is in memory without opening the source', async () => {
    const open = (): never => {
      throw new Error('opened');
    };
    const source: PayloadSource = {
      encoding: 'codec',
      text: '[1]',
      byteLength: 12,
      restore: undefined,
      open,
    };
    assert.equal(await readText(source), '[1]');
  });

  it('refuses more than the limit, known before or found out on the way', async () => {
    const counted = { chunks: 0 };
    const endless = function* (): Generator<Uint8Array> {
      for (;;) {
        counted.chunks++;
        yield Buffer.alloc(100, 'x');
      }
    };
    await assert.rejects(readText(arriving(endless()), 1_000), failsWith('MESSAGE_TOO_LARGE'));
    assert.equal(counted.chunks, 11);
    await assert.rejects(readText(textSource('"äää"', undefined), 7), failsWith('MESSAGE_TOO_LARGE'));
    assert.equal(await readText(textSource('"äää"', undefined), 8), '"äää"');
  });

  it('refuses what is not UTF-8, and a last character that is not whole', async () => {
    await assert.rejects(readText(arriving([Buffer.from([0x22, 0xff, 0x22])])), failsWith('BAD_REQUEST'));
    await assert.rejects(readText(arriving([Buffer.from('"ä').subarray(0, 2)])), failsWith('BAD_REQUEST'));
  });

  it('passes on the error of a source that ends early', async () => {
    const broken = function* (): Generator<Uint8Array> {
      yield Buffer.from('[1');
      throw new RedlinkError('PEER_UNREACHABLE', 'cut');
    };
    await assert.rejects(readText(arriving(broken())), failsWith('PEER_UNREACHABLE'));
  });
});

describe('asUtf8', () => {
  it('leaves a UTF-8 source as it is', () => {
    const source = textSource('1', undefined);
    assert.equal(asUtf8(source), source);
  });

  it('recodes a codec source and keeps what restores it', async () => {
    const source = asUtf8({ ...arriving(cut(codec('"ü😀"'), 3), 'codec'), restore: { isUndefined: true } });
    assert.equal(source.encoding, 'utf8');
    assert.deepEqual(source.restore, { isUndefined: true });
    assert.equal((await bytesOf(source)).toString(), '"ü😀"');
  });
});
