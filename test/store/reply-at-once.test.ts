import assert from 'node:assert/strict';
import { MemoryDisk, MemoryJournal } from '../../src/journal/memory.js';
import type { JournalWrite } from '../../src/journal/port.js';
import type { Clock } from '../../src/support/clock.js';
import { type CoreConsumer, CoreMesh, type CoreStore } from '../support/core-mesh.js';

const [HERE, THERE] = ['10.0.0.1', '10.0.0.2'];
/** So slow that something can happen between a write and its end, ms. */
const COMMIT_MS = 50;
/** Longer than the pauses before a reply is sent again. */
const RETRIES_MS = 5_000;

/** Notes what was put on it. */
class NotingDisk extends MemoryDisk {
  readonly put: string[] = [];

  override apply(writes: readonly JournalWrite[]): void {
    for (const write of writes) if ('put' in write) this.put.push(write.put);
    super.apply(writes);
  }

  get left(): number {
    return [...this.records.values()].reduce((sum, ofKind) => sum + ofKind.size, 0);
  }
}

describe('a reply whose producer takes it at once', () => {
  let mesh: CoreMesh;
  let disk: NotingDisk;
  let journal: MemoryJournal;
  let near: CoreStore;
  let consumer: CoreConsumer;

  const openNear = (): Promise<CoreStore> =>
    mesh.store(
      HERE,
      [THERE],
      {},
      {
        journal: (clock: Clock) => {
          journal = new MemoryJournal({ disk, clock, commitMs: COMMIT_MS });
          return journal;
        },
      },
    );

  beforeEach(async () => {
    mesh = new CoreMesh();
    disk = new NotingDisk();
    const far = await mesh.store(THERE);
    near = await openNear();
    consumer = far.consumer();
    await mesh.clock.advance(1_000);
  });
  afterEach(() => mesh.close());

  it('needs no record of its own, and leaves none', async () => {
    const producer = near.producer();
    producer.send();
    await mesh.clock.advance(1_000);
    assert.equal(producer.replies.length, 1);
    assert.equal(producer.replies[0]?.mayRepeat, false);
    assert.deepEqual(disk.put, ['message', 'mark']);
    assert.equal(disk.left, 0);
  });

  it('is written down for one that is not in the flow', async () => {
    const producer = near.producer();
    producer.send();
    while (consumer.received.length === 0) await mesh.clock.advance(1);
    near.store.detachProducer(producer.producer, false);
    await mesh.clock.advance(1_000);
    assert.equal(producer.replies.length, 0);
    assert.deepEqual(disk.put, ['message', 'mark', 'reply']);
  });

  it('comes again, and says so, where the process dies before its end is written', async () => {
    const before = near.producer();
    before.send();
    while (before.replies.length === 0) await mesh.clock.advance(1);
    mesh.kill(near, HERE);
    journal.crash();
    const restarted = await openNear();
    const after = restarted.producer();
    await mesh.clock.advance(RETRIES_MS);
    assert.equal(after.replies.length, 1);
    assert.equal(after.replies[0]?.mayRepeat, true);
    assert.equal(consumer.received.length, 1, 'nobody works twice');
    assert.equal(disk.left, 0);
  });
});
