import assert from 'node:assert/strict';
import type { PayloadStore } from '../../src/payload/port.js';
import { readText, textSource } from '../../src/payload/sources.js';
import type { PayloadSource } from '../../src/protocol/payload-source.js';
import { RedlinkError } from '../../src/support/errors.js';

/** A payload store to be tried, and a way to see what it holds. */
export interface Subject {
  readonly payloads: PayloadStore;
  /** Number of things kept or left behind. */
  count(): Promise<number>;
  /** Ends what the test began. */
  close(): Promise<void>;
}

/** A source whose chunks arrive one by one. */
export function arriving(
  chunks: () => Iterable<Uint8Array>,
  encoding: PayloadSource['encoding'] = 'utf8',
): PayloadSource {
  const open = async function* (): AsyncGenerator<Uint8Array> {
    yield* chunks();
  };
  return { encoding, text: undefined, byteLength: undefined, restore: { isUndefined: true }, open };
}

export const isPayloadError = (thrown: unknown): boolean =>
  thrown instanceof RedlinkError && thrown.code === 'PAYLOAD_IO';

/** What every payload store must do, whatever it keeps payloads in. */
export function behavesAsPayloadStore(create: () => Promise<Subject>): void {
  let subject: Subject;

  beforeEach(async () => {
    subject = await create();
  });

  afterEach(async () => {
    await subject.close();
  });

  it('gives back what it was given, again and again', async () => {
    const text = JSON.stringify({ a: 'ü😀'.repeat(100_000) });
    const stored = await subject.payloads.save(textSource(text, { dates: [['a']] }));
    assert.equal(stored.byteLength, Buffer.byteLength(text));
    assert.deepEqual(stored.restore, { dates: [['a']] });
    const source = subject.payloads.source(stored);
    assert.equal(source.byteLength, stored.byteLength);
    assert.deepEqual(source.restore, stored.restore);
    assert.equal(await readText(source), text);
    assert.equal(await readText(source), text);
  });

  it('keeps UTF-8 whatever encoding the payload arrives in', async () => {
    const codec = Buffer.from(Buffer.from('"ü😀"', 'utf16le').toString('base64'));
    const stored = await subject.payloads.save(
      arriving(() => [codec.subarray(0, 3), codec.subarray(3)], 'codec'),
    );
    const source = subject.payloads.source(stored);
    assert.equal(source.encoding, 'utf8');
    assert.equal(stored.byteLength, Buffer.byteLength('"ü😀"'));
    assert.equal(await readText(source), '"ü😀"');
    assert.deepEqual(source.restore, { isUndefined: true });
  });

  it('keeps an empty payload', async () => {
    const stored = await subject.payloads.save(arriving(() => []));
    assert.equal(stored.byteLength, 0);
    assert.equal(await readText(subject.payloads.source(stored)), '');
  });

  it('keeps bytes that their giver overwrites after handing them over', async () => {
    const chunk = Buffer.alloc(1);
    const reused = function* (): Generator<Uint8Array> {
      for (const letter of 'abc') {
        chunk.write(letter);
        yield chunk;
      }
    };
    const stored = await subject.payloads.save(arriving(reused));
    assert.equal(await readText(subject.payloads.source(stored)), 'abc');
  });

  it('gives back the bytes in their order, whatever the sizes of the chunks that they came in', async () => {
    const sizes = [1, 100, 262_143, 262_144, 262_145, 5, 700_000, 16_384, 16_384, 3];
    const bytes = Buffer.from(
      Uint8Array.from(
        { length: sizes.reduce((sum, size) => sum + size) },
        (_none, index) => (index * 7) % 251,
      ),
    );
    let at = 0;
    const chunks = sizes.map((size) => bytes.subarray(at, (at += size)));
    // Announced too short, too long, right, and not at all: what counts is what comes.
    for (const byteLength of [10, 10 * bytes.length, bytes.length, undefined]) {
      const stored = await subject.payloads.save({ ...arriving(() => chunks, 'parts'), byteLength });
      assert.equal(stored.byteLength, bytes.length);
      const read: Buffer[] = [];
      for await (const chunk of subject.payloads.source(stored).open()) read.push(Buffer.from(chunk));
      assert.ok(Buffer.concat(read).equals(bytes), 'other bytes');
    }
  });

  it('keeps many at once apart', async () => {
    const texts = Array.from({ length: 20 }, (_item, index) => `"${index}"`);
    const stored = await Promise.all(texts.map((text) => subject.payloads.save(textSource(text, undefined))));
    assert.equal(new Set(stored.map(({ name }) => name)).size, texts.length);
    assert.deepEqual(await Promise.all(stored.map((each) => readText(subject.payloads.source(each)))), texts);
  });

  it('leaves nothing behind where the payload ends early, and passes the reason on', async () => {
    const cut = function* (): Generator<Uint8Array> {
      yield Buffer.alloc(200_000, 'x');
      throw new RedlinkError('PEER_UNREACHABLE', 'cut');
    };
    await assert.rejects(
      subject.payloads.save(arriving(cut)),
      (thrown) => thrown instanceof RedlinkError && thrown.code === 'PEER_UNREACHABLE',
    );
    assert.equal(await subject.count(), 0);
  });

  it('forgets what is removed; removing it again does no harm', async () => {
    const stored = await subject.payloads.save(textSource('1', undefined));
    await subject.payloads.remove(stored.name);
    await subject.payloads.remove(stored.name);
    assert.equal(await subject.count(), 0);
    await assert.rejects(readText(subject.payloads.source(stored)), isPayloadError);
  });

  it('sweeps away everything but the names to keep', async () => {
    const [kept, other] = [
      await subject.payloads.save(textSource('"kept"', undefined)),
      await subject.payloads.save(textSource('"other"', undefined)),
    ];
    await subject.payloads.sweep(new Set([kept.name, 'never heard of']));
    assert.equal(await subject.count(), 1);
    assert.equal(await readText(subject.payloads.source(kept)), '"kept"');
    await assert.rejects(readText(subject.payloads.source(other)), isPayloadError);
  });

  it('sweeps where nothing was ever saved', async () => {
    await subject.payloads.sweep(new Set());
    assert.equal(await subject.count(), 0);
  });

  it('does not mind a reader who leaves in the middle', async () => {
    const stored = await subject.payloads.save(
      arriving(() => [Buffer.alloc(500_000, 'x'), Buffer.from('y')]),
    );
    for await (const chunk of subject.payloads.source(stored).open()) {
      assert.ok(chunk.byteLength > 0);
      break;
    }
    await subject.payloads.remove(stored.name);
    assert.equal(await subject.count(), 0);
  });

  it('gives nothing for a name that it did not make', async () => {
    for (const name of ['', '.', '..', '../secret', '/etc/hostname', 'a/b', 'x.payload', '__proto__']) {
      await assert.rejects(
        readText(subject.payloads.source({ name, byteLength: 5, restore: undefined })),
        isPayloadError,
      );
      await subject.payloads.remove(name);
    }
  });
}
