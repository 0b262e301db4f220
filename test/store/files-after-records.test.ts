import assert from 'node:assert/strict';
import { MemoryDisk } from '../../src/journal/memory.js';
import { MemoryPayloads } from '../../src/payload/memory.js';
import { VirtualClock } from '../simulation/virtual-clock.js';
import { type LoneStore, newMessage, startLoneStore } from './lone-store.js';

/** What the disk takes for each access, ms. */
const COMMIT_MS = 20;
const LIFETIME_MS = 1_000;
/** Over the threshold of the store, so that it lies in a file. */
const LARGE = { text: JSON.stringify({ payload: 'x'.repeat(3_000) }), restore: '' };

describe('the file of a large message that is over', () => {
  let clock: VirtualClock;
  let disk: MemoryDisk;
  let payloads: MemoryPayloads;
  let life: LoneStore;

  const begin = async (): Promise<LoneStore> =>
    startLoneStore({ clock, disk, payloads, commitMs: COMMIT_MS });
  /** The message has failed, and its producer has read it for the failure output. */
  const letFail = async (): Promise<void> => {
    await clock.advance(LIFETIME_MS + COMMIT_MS);
    assert.equal(life.failures.length, 1);
    life.store.releaseFailed('m1');
  };

  beforeEach(async () => {
    clock = new VirtualClock();
    disk = new MemoryDisk();
    payloads = new MemoryPayloads();
    life = await begin();
    void life.store.accept(newMessage('m1', { body: LARGE, lifetimeMs: LIFETIME_MS }));
    await clock.advance(COMMIT_MS);
  });
  afterEach(() => {
    life.crash();
  });

  it('is there as long as its record: after a crash between the two it can still be read', async () => {
    await letFail();
    await clock.advance(COMMIT_MS / 2);
    life.crash();
    assert.equal(disk.ofKind('message').size, 1);
    assert.equal(payloads.size, 1);
    life = await begin();
    assert.equal(life.failures[0]?.message.id, 'm1');
    life.store.releaseFailed('m1');
    await clock.advance(COMMIT_MS);
    assert.equal(disk.ofKind('message').size + payloads.size, 0);
  });

  it('goes with its record when a disk that was full has room again', async () => {
    await letFail();
    disk.failures = 1;
    await clock.advance(COMMIT_MS * 2);
    assert.equal(disk.ofKind('message').size, 1);
    assert.equal(payloads.size, 1);
    await clock.advance(1_000 + COMMIT_MS);
    assert.equal(disk.ofKind('message').size + payloads.size, 0);
  });
});
