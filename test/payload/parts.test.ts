import assert from 'node:assert/strict';
import fc from 'fast-check';
import { pack, type PackedParts } from '../../src/payload/pack.js';
import { readValue } from '../../src/payload/read-value.js';
import { parseRestore, readText } from '../../src/payload/sources.js';
import { writeHead, type Part } from '../../src/protocol/parts/head.js';
import type { PayloadSource } from '../../src/protocol/payload-source.js';
import { RedlinkError, type ErrorCode } from '../../src/support/errors.js';

const MEGABYTE = 1_048_576;

/** Bytes that no encoding leaves alone. */
const BYTES = Buffer.from(Uint8Array.from({ length: MEGABYTE }, (_none, index) => (index * 7) % 256));
const ASCII = 'a"\\\n\u0000 '.repeat(MEGABYTE / 4);
const LETTERS = 'ü中😀'.repeat(MEGABYTE / 4);
const HALVES = 'x\ud83d'.repeat(MEGABYTE / 2);

function inParts(value: unknown): PackedParts {
  const packed = pack(value);
  assert.ok(packed.text === undefined, 'it was packed as text');
  return packed;
}

async function bytesOf(source: PayloadSource): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.open()) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** A value in parts as it arrives, cut into chunks of these sizes in turn. */
function arriving(
  bytes: Buffer,
  sizes: readonly number[],
  restore?: PayloadSource['restore'],
): PayloadSource {
  return {
    encoding: 'parts',
    text: undefined,
    byteLength: undefined,
    restore,
    async *open() {
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const size = sizes[turn % sizes.length] ?? 1;
        yield bytes.subarray(at, at + size);
        at += size;
      }
    },
  };
}

function handMade(text: string, parts: readonly Part[], bytes: Buffer, mark = 'mark'): PayloadSource {
  const head = writeHead({ mark, textBytes: Buffer.byteLength(text), parts });
  return arriving(Buffer.concat([head, Buffer.from(text), bytes]), [1_000]);
}

const failsWith = (code: ErrorCode) => (thrown: unknown) =>
  thrown instanceof RedlinkError && thrown.code === code;

describe('a value in parts', () => {
  for (const [what, value] of [
    ['a Buffer', BYTES],
    ['a string of ASCII', ASCII],
    ['a string of many scripts', LETTERS],
    ['a string with halves of surrogate pairs', HALVES],
    ['a Buffer in a message', { _msgid: 'a1', payload: BYTES, topic: 'x' }],
    [
      'several, nested, in another order than they are found',
      { deep: [{ in: ASCII }], near: BYTES, list: [LETTERS, 1, HALVES] },
    ],
    ['the same twice', [BYTES, { again: BYTES, text: ASCII, more: ASCII }]],
    [
      'large and small Buffers, Dates and nothing',
      { a: BYTES, b: Buffer.from('small'), c: new Date(5), d: [undefined, null] },
    ],
    [
      'a key that means something to JavaScript',
      JSON.parse(`{"__proto__":"${'x'.repeat(MEGABYTE)}"}`) as unknown,
    ],
    ['an object whose toJSON gives a string', { text: { toJSON: () => ASCII }, payload: BYTES }],
  ] as const) {
    it(`${what}: comes back as it was, and is what JSON.stringify gives as text`, async () => {
      const packed = inParts(value);
      const bytes = await bytesOf(packed.parts);
      assert.equal(bytes.length, packed.parts.byteLength);
      const expected =
        pack(value).restore === '' ? (JSON.parse(JSON.stringify(value)) as unknown) : undefined;
      for (const sizes of [[65_536], [1, 70_001, 3]]) {
        const back = await readValue(arriving(bytes, sizes, packed.parts.restore));
        assert.deepEqual(back, expected ?? withoutUndefined(value));
        assert.ok((await readText(arriving(bytes, sizes))) === JSON.stringify(value), 'another text');
      }
    }).timeout(60_000);
  }

  it('is not made of strings that are small together', () => {
    const value = { text: 'x'.repeat(500_000), more: 'x'.repeat(500_000), bytes: Buffer.alloc(16_383) };
    assert.equal(typeof pack(value).text, 'string');
  });

  it('is made of any Buffer that its JSON text would make long', async () => {
    const value = { payload: BYTES.subarray(0, 16_384) };
    const { parts, restore } = inParts(value);
    assert.ok((parts.byteLength ?? Infinity) < 17_000, 'its bytes do not travel as they are');
    assert.deepEqual(await readValue({ ...parts, restore: parseRestore(restore) }), value);
  });

  it('takes values that no JSON text could hold', async () => {
    const payload = Buffer.alloc(300 * MEGABYTE, 'abc');
    const back = await readValue(inParts({ payload }).parts);
    assert.ok(typeof back === 'object' && back !== null && 'payload' in back);
    assert.ok(Buffer.isBuffer(back.payload) && back.payload.equals(payload));
  }).timeout(60_000);

  it('is refused at once where there is too much besides', () => {
    const lines = new Array<string>(60_000).fill('x'.repeat(10_000));
    assert.throws(() => pack({ payload: BYTES, lines }), failsWith('MESSAGE_TOO_LARGE'));
  });

  it('means the same however it is cut', async () => {
    const bytes = await bytesOf(inParts({ a: LETTERS.slice(0, 600_000), b: HALVES.slice(0, 600_001) }).parts);
    const whole = await readText(arriving(bytes, [bytes.length]));
    const sizes = fc.array(fc.integer({ min: 1, max: 200_000 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(sizes, async (cut) => {
        assert.ok((await readText(arriving(bytes, [...cut, 50_000]))) === whole);
      }),
      { numRuns: 10 },
    );
  }).timeout(60_000);

  describe('from someone who does not mean well', () => {
    const one: Part = { kind: 'buffer', byteLength: 3 };

    it('that ends early is told from one that is whole', async () => {
      for (const bytes of [Buffer.alloc(0), Buffer.from('ab')]) {
        await assert.rejects(readValue(handMade('"mark-0"', [one], bytes)), failsWith('PAYLOAD_IO'));
        await assert.rejects(readText(handMade('"mark-0"', [one], bytes)), failsWith('PAYLOAD_IO'));
      }
    });

    it('that goes on after its end is refused', async () => {
      await assert.rejects(
        readValue(handMade('"mark-0"', [one], Buffer.from('abcd'))),
        failsWith('BAD_REQUEST'),
      );
      await assert.rejects(
        readText(handMade('"mark-0"', [one], Buffer.from('abcd'))),
        failsWith('BAD_REQUEST'),
      );
    });

    it('whose head makes no sense is refused', async () => {
      for (const head of [
        '',
        '{}',
        '[',
        '{"mark":"\\"","textBytes":0,"parts":[]}',
        '{"mark":"m","textBytes":-1,"parts":[]}',
      ]) {
        const source = arriving(Buffer.from(`${head}\n`), [10]);
        await assert.rejects(readValue(source), failsWith('BAD_REQUEST'), head);
        await assert.rejects(readText(source), failsWith('BAD_REQUEST'), head);
      }
      const endless = arriving(Buffer.alloc(3 * MEGABYTE, 'x'), [65_536]);
      await assert.rejects(readValue(endless), failsWith('BODY_TOO_LARGE'));
    });

    it('that announces more than there can be is refused, and takes no memory', async () => {
      const before = process.memoryUsage.rss();
      for (const byteLength of [Number.MAX_SAFE_INTEGER, 3_000_000_000]) {
        const source = handMade('"mark-0"', [{ kind: 'buffer', byteLength }], Buffer.alloc(10));
        await assert.rejects(readValue(source), RedlinkError);
      }
      assert.ok(process.memoryUsage.rss() - before < 1_000_000_000);
    });

    it('whose text is not JSON, or is nested too deep, is refused', async () => {
      await assert.rejects(readValue(handMade('{', [], Buffer.alloc(0))), failsWith('BAD_REQUEST'));
      const deep = handMade('['.repeat(5_000), [], Buffer.alloc(0));
      await assert.rejects(readValue(deep), failsWith('BAD_REQUEST'));
    });

    it('whose strings are not UTF-8 is refused', async () => {
      const source = (): PayloadSource =>
        handMade('"mark-0"', [{ kind: 'utf8', byteLength: 2 }], Buffer.from([0xff, 0xff]));
      await assert.rejects(readValue(source()), failsWith('BAD_REQUEST'));
      await assert.rejects(readText(source()), failsWith('BAD_REQUEST'));
    });

    it('that has no place for a part gives the value without it, and no text', async () => {
      assert.deepEqual(await readValue(handMade('["x"]', [one], Buffer.from('abc'))), ['x']);
      await assert.rejects(readText(handMade('["x"]', [one], Buffer.from('abc'))), failsWith('BAD_REQUEST'));
    });
  });
});

/** What is left of an array or object after JSON, where only `undefined` is lost. */
function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value))
    return value.map((entry: unknown) => (entry === undefined ? null : withoutUndefined(entry)));
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value) || value instanceof Date)
    return value;
  if ('toJSON' in value) return JSON.parse(JSON.stringify(value)) as unknown;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, withoutUndefined(entry)]));
}
