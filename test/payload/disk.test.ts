import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiskPayloads } from '../../src/payload/disk.js';
import { onDisk } from '../../src/payload/disk-errors.js';
import { readText, textSource } from '../../src/payload/sources.js';
import { arriving, behavesAsPayloadStore, isPayloadError } from './compliance.js';

describe('DiskPayloads', () => {
  let base: string;
  let folder: string;

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'redlink-payloads-'));
    folder = join(base, 'not', 'there', 'yet');
  });

  afterEach(async () => {
    await rm(base, { recursive: true, force: true });
  });

  const files = async (): Promise<string[]> => (existsSync(folder) ? readdir(folder) : []);

  for (const flush of [false, true]) {
    describe(flush ? 'with each payload flushed to the disk' : 'without flushing', () => {
      behavesAsPayloadStore(async () => ({
        payloads: new DiskPayloads({ folder, flush }),
        count: async () => (await files()).length,
        close: async () => undefined,
      }));
    });
  }

  it('makes its folder for the first payload, for its own user alone', async () => {
    const payloads = new DiskPayloads({ folder });
    assert.equal(existsSync(folder), false);
    const { name } = await payloads.save(textSource('1', undefined));
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
    assert.equal((await stat(join(folder, name))).mode & 0o777, 0o600);
    assert.match(name, /^[0-9a-f-]{36}\.payload$/);
  });

  it('finds the payloads of the process before it', async () => {
    const stored = await new DiskPayloads({ folder }).save(textSource('"before"', undefined));
    assert.equal(await readText(new DiskPayloads({ folder }).source(stored)), '"before"');
  });

  it('makes its folder again where someone has removed it', async () => {
    const payloads = new DiskPayloads({ folder });
    await payloads.save(textSource('1', undefined));
    await rm(folder, { recursive: true });
    const stored = await payloads.save(textSource('2', undefined));
    assert.equal(await readText(payloads.source(stored)), '2');
  });

  it('sweeps away half-written files, and nothing that is not its own', async () => {
    const payloads = new DiskPayloads({ folder });
    await payloads.save(textSource('1', undefined));
    await writeFile(join(folder, '01890000-0000-7000-8000-000000000000.partial'), 'half');
    await writeFile(join(folder, 'notes.txt'), 'mine');
    await writeFile(join(folder, 'other.payload'), 'mine');
    await writeFile(join(folder, '01890000-0000-7000-8000-000000000000.payload.old'), 'mine');
    await mkdir(join(folder, 'folder.payload'));
    await payloads.sweep(new Set());
    assert.deepEqual((await files()).sort(), [
      '01890000-0000-7000-8000-000000000000.payload.old',
      'folder.payload',
      'notes.txt',
      'other.payload',
    ]);
  });

  it('does not sweep away a payload that is being written', async () => {
    const payloads = new DiskPayloads({ folder });
    const slow = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('"slow');
      await payloads.sweep(new Set());
      assert.equal((await files()).length, 1);
      yield Buffer.from('"');
    };
    const stored = await payloads.save({ ...textSource('', undefined), text: undefined, open: slow });
    assert.equal(await readText(payloads.source(stored)), '"slow"');
  });

  it('reads and removes nothing outside its folder', async () => {
    const payloads = new DiskPayloads({ folder });
    await payloads.save(textSource('1', undefined));
    const secret = join(base, '01890000-0000-7000-8000-000000000000.payload');
    await writeFile(secret, 'secret');
    const own = '01890000-0000-7000-8000-000000000000.payload';
    for (const name of [`../../../${own}`, `${own}/../../../../${own}`, secret]) {
      await mkdir(join(folder, own), { recursive: true });
      await assert.rejects(
        readText(payloads.source({ name, byteLength: 6, restore: undefined })),
        isPayloadError,
      );
      await payloads.remove(name);
    }
    await rm(join(folder, own), { recursive: true });
    await payloads.sweep(new Set());
    assert.equal(existsSync(secret), true);
  });

  it('says so where a file is shorter than it was written, and reads no further where it is longer', async () => {
    const payloads = new DiskPayloads({ folder });
    const stored = await payloads.save(textSource('"abcdef"', undefined));
    const path = join(folder, stored.name);
    await appendFile(path, 'more');
    assert.equal(await readText(payloads.source(stored)), '"abcdef"');
    await truncate(path, 3);
    await assert.rejects(readText(payloads.source(stored)), isPayloadError);
  });

  it('says what is wrong where its folder cannot be made, and leaves nothing', async () => {
    await writeFile(join(base, 'not'), 'a file in the way');
    await assert.rejects(new DiskPayloads({ folder }).save(textSource('1', undefined)), (thrown) => {
      assert.ok(isPayloadError(thrown));
      assert.match(String(thrown), /could not be written: ENOTDIR/);
      return true;
    });
    assert.deepEqual(await readdir(base), ['not']);
  });

  it('says that the disk is full where it is', async () => {
    const full = async (): Promise<never> => {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    };
    await assert.rejects(onDisk('written', full), (thrown) => {
      assert.ok(isPayloadError(thrown));
      assert.match(String(thrown), /could not be written: the disk is full/);
      return true;
    });
  });

  it('fails and leaves nothing where the folder goes away while it writes', async () => {
    const payloads = new DiskPayloads({ folder });
    const source = arriving(function* (): Generator<Uint8Array> {
      yield Buffer.from('1');
      rmSync(folder, { recursive: true });
      yield Buffer.from('2');
    });
    await assert.rejects(payloads.save(source), isPayloadError);
    assert.deepEqual(await files(), []);
  });

  it('holds little in memory while much goes through', async () => {
    const payloads = new DiskPayloads({ folder });
    const megabytes = 200;
    const large = function* (): Generator<Uint8Array> {
      for (let written = 0; written < megabytes; written++) yield Buffer.alloc(1_000_000, 'x');
    };
    const stored = await payloads.save(arriving(large));
    let most = 0;
    let read = 0;
    for await (const chunk of payloads.source(stored).open()) {
      most = Math.max(most, chunk.byteLength);
      read += chunk.byteLength;
    }
    assert.equal(read, megabytes * 1_000_000);
    assert.ok(most <= 1_000_000, `a chunk of ${most} bytes`);
  });
});
