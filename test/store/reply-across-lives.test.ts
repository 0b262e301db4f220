import assert from 'node:assert/strict';
import { MemoryDisk, MemoryJournal } from '../../src/journal/memory.js';
import type { Clock } from '../../src/support/clock.js';
import { type CoreConsumer, CoreMesh, type CoreStore } from '../support/core-mesh.js';

const [HERE, THERE] = ['10.0.0.1', '10.0.0.2'];

/** Shorter than a reply is under way before it is written down of itself, ms. */
const A_MOMENT_MS = 50;
/** In this time two stores find each other again and a reply is tried anew, ms. */
const AGAIN_WITHIN_MS = 8_000;

describe('a reply that is under way when its store is closed', () => {
  let mesh: CoreMesh;
  let disks: ReadonlyMap<string, MemoryDisk>;
  let near: CoreStore;

  beforeEach(async () => {
    mesh = new CoreMesh();
    disks = new Map([HERE, THERE].map((host) => [host, new MemoryDisk()]));
    near = await open(HERE, [THERE]);
  });
  afterEach(() => mesh.close());

  function open(host: string, norths: readonly string[] = []): Promise<CoreStore> {
    const disk = disks.get(host);
    assert.ok(disk !== undefined);
    const journal = (clock: Clock): MemoryJournal => new MemoryJournal({ disk, clock });
    return mesh.store(host, norths, {}, { journal });
  }

  async function closed(store: CoreStore, reader: CoreConsumer): Promise<void> {
    reader.consumer.forgetStore();
    await Promise.all([store.store.close(), mesh.clock.advance(1_000)]);
  }

  it('is delivered by its next life', async () => {
    const far = await open(THERE);
    const reader = far.consumer({}, false);
    await mesh.clock.advance(1_000);
    const sender = near.producer();
    const messageId = sender.send();
    await mesh.clock.advance(1_000);
    mesh.network.separate(mesh.address(HERE), mesh.address(THERE));
    void reader.consumer.reply(messageId, 'done', undefined);
    await mesh.clock.advance(A_MOMENT_MS);
    // The reply is lost on the way, and its sender still waits for an answer.
    mesh.network.heal();
    await closed(far, reader);
    (await open(THERE)).consumer({}, false);
    await mesh.clock.advance(AGAIN_WITHIN_MS);
    assert.deepEqual([sender.replies.length, sender.failures], [1, []]);
  });

  it('is delivered by its next life where the store is closed while the producer is given it in vain', async () => {
    const reader = near.consumer({}, false);
    await mesh.clock.advance(1_000);
    let closing: Promise<void> | undefined;
    const sender = near.producer({}, () => {
      sender.producer.detach();
      closing = closed(near, reader);
    });
    const messageId = sender.send();
    await mesh.clock.advance(1_000);
    void reader.consumer.reply(messageId, 'done', undefined);
    await mesh.clock.advance(1_000);
    await closing;
    await isDeliveredHere();
  });

  it('is delivered by its next life where it could not be kept for a producer of the same store', async () => {
    const reader = near.consumer({}, false);
    await mesh.clock.advance(1_000);
    const sender = near.producer();
    const messageId = sender.send();
    await mesh.clock.advance(1_000);
    sender.producer.detach();
    const disk = disks.get(HERE);
    assert.ok(disk !== undefined);
    disk.failures = 1;
    void reader.consumer.reply(messageId, 'done', undefined);
    await mesh.clock.advance(A_MOMENT_MS);
    await closed(near, reader);
    await isDeliveredHere();
  });

  async function isDeliveredHere(): Promise<void> {
    const again = await open(HERE);
    again.consumer({}, false);
    const { replies, failures } = again.producer();
    await mesh.clock.advance(AGAIN_WITHIN_MS);
    assert.deepEqual([replies.length, failures], [1, []]);
  }
});
