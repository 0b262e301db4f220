import assert from 'node:assert/strict';
import { MemoryPayloads } from '../../src/payload/memory.js';
import { textSource } from '../../src/payload/sources.js';
import { payloadSpool, type Spool } from '../../src/payload/spool.js';
import { collect } from '../protocol/v3/streams.js';

const LIMIT = 1_000;

describe('a spool', () => {
  let payloads: MemoryPayloads;
  let spool: Spool;
  beforeEach(() => {
    payloads = new MemoryPayloads();
    spool = payloadSpool(payloads, LIMIT);
  });

  const text = (length: number) => textSource(JSON.stringify('x'.repeat(length - 2)), undefined);

  it('gives what it keeps, until it is discarded', async () => {
    const kept = await spool.spool(text(LIMIT));
    assert.equal((await collect(kept.open())).length, LIMIT);
    await spool.discard(kept);
    await assert.rejects(collect(kept.open()), { code: 'PAYLOAD_IO' });
  });

  it('keeps so many bytes at a time, and nothing of what is more', async () => {
    const kept = await spool.spool(text(600));
    await assert.rejects(spool.spool(text(401)), { code: 'STORE_FULL' });
    await spool.spool(text(400));
    await assert.rejects(spool.spool(text(2)), { code: 'STORE_FULL' });
    assert.equal(payloads.size, 2);
    await spool.discard(kept);
    await spool.discard(kept);
    await spool.spool(text(600));
    await assert.rejects(spool.spool(text(2)), { code: 'STORE_FULL' });
  });

  it('counts nothing of what could not be read to its end', async () => {
    const broken = {
      ...{ encoding: 'utf8' as const, text: undefined, byteLength: undefined, restore: undefined },
      open: async function* (): AsyncGenerator<Uint8Array> {
        yield Buffer.from('"half');
        throw new Error('the peer has gone');
      },
    };
    await assert.rejects(spool.spool(broken), /gone/);
    await spool.spool(text(LIMIT));
  });
});
