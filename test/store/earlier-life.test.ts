import assert from 'node:assert/strict';
import { MemoryDisk } from '../../src/journal/memory.js';
import { MemoryPayloads } from '../../src/payload/memory.js';
import { encodeMark, type Mark } from '../../src/store/records/mark-record.js';
import { VirtualClock } from '../simulation/virtual-clock.js';
import {
  type LoneStore,
  type LoneStoreOptions,
  newMessage,
  PRODUCER,
  SERVICE,
  startLoneStore,
  STORE,
} from './lone-store.js';

/** Passed to the next life: a deadline may be noticed so much late, ms (DESIGN.md). */
const TOLERANCE_MS = 250;
/** Over the threshold of the store, so that it lies in a file. */
const LARGE = JSON.stringify({ payload: 'x'.repeat(3_000) });

const READ: Extract<Mark, { state: 'read' }> = {
  state: 'read',
  consumerId: 'c1',
  consumerStore: 'mesh0:S2',
  via: 'mesh0:S2',
  token: 't1',
  leased: true,
  notifiedEpochMs: 0,
  deliveryCount: 1,
};

describe('what an earlier life of the store has left', () => {
  let clock: VirtualClock;
  let disk: MemoryDisk;
  let payloads: MemoryPayloads;
  let life: LoneStore;

  const begin = async (changes: Partial<LoneStoreOptions> = {}): Promise<LoneStore> => {
    life = await startLoneStore({ clock, disk, payloads, ...changes });
    return life;
  };
  const again = async (changes: Partial<LoneStoreOptions> = {}): Promise<LoneStore> => {
    life.crash();
    return begin(changes);
  };
  const states = (): readonly string[] =>
    life.store.engine.messages
      .rows()
      .map(({ id, state, deliveryCount }) => `${id} ${state} ${deliveryCount}`);
  const codes = (): readonly string[] => life.failures.map(({ code }) => code);
  const mark = (told: Mark): void => {
    disk.ofKind('mark').set('m1', encodeMark(told));
  };

  beforeEach(async () => {
    clock = new VirtualClock();
    disk = new MemoryDisk();
    payloads = new MemoryPayloads();
    await begin();
  });
  afterEach(() => {
    life.crash();
  });

  it('comes back in its old order, nobody having read it', async () => {
    for (const id of ['m3', 'm1', 'm2']) await life.store.accept(newMessage(id));
    await again();
    assert.deepEqual(states(), ['m3 queued 0', 'm1 queued 0', 'm2 queued 0']);
    await life.store.accept(newMessage('m0'));
    assert.equal(life.store.engine.messages.rows().at(-1)?.id, 'm0');
  });

  it('waits on where a consumer of another store has read it, as long as that store says that it still has it', async () => {
    await life.store.accept(newMessage('m1'));
    mark(READ);
    await again();
    assert.deepEqual(states(), ['m1 read 1']);
    await clock.advance(9_000);
    assert.deepEqual(states(), ['m1 read 1']);
    await clock.advance(1_500);
    assert.deepEqual(
      life.failures.map(({ code, read }) => ({ code, read })),
      [{ code: 'CONSUMER_LOST', read: true }],
    );
  });

  it('is still at its first delivery where its consumer reads it again, not having heard that it counts as read', async () => {
    await life.store.accept(newMessage('m1'));
    mark(READ);
    await again();
    const answer = await life.store.answer(
      {
        verb: 'read',
        messageId: 'm1',
        producerId: PRODUCER,
        consumer: { id: READ.consumerId, service: SERVICE, storeName: READ.consumerStore },
        readDelayMs: 0,
        room: 0,
        token: READ.token,
        path: [],
      },
      { remoteIp: undefined },
    );
    assert.ok(answer.kind === 'found');
    assert.equal(answer.meta.deliveryCount, 1);
  });

  it('goes out again where a consumer of this very process had read it and that is allowed, and keeps the count', async () => {
    await life.store.accept(newMessage('m1', { redeliver: true, maxDeliver: 2 }));
    mark({ ...READ, consumerStore: STORE, leased: false });
    await again();
    assert.deepEqual(states(), ['m1 queued 1']);
    await again();
    assert.deepEqual(states(), ['m1 queued 1']);
    mark({ ...READ, consumerStore: STORE, leased: false, deliveryCount: 2 });
    await again();
    assert.deepEqual(states(), []);
    assert.deepEqual(codes(), ['CONSUMER_LOST']);
  });

  it('tells a failure that the producer may not have heard, and nothing of it is left', async () => {
    await life.store.accept(newMessage('m1'));
    mark({ state: 'failed', code: 'TIMED_OUT', action: 'producerTimeout', read: true, consumerId: 'c1' });
    await again();
    assert.deepEqual(
      life.failures.map(({ code, read }) => ({ code, read })),
      [{ code: 'TIMED_OUT', read: true }],
    );
    await clock.settle();
    assert.equal(disk.ofKind('message').size + disk.ofKind('mark').size, 0);
  });

  it('fails at its old deadline, the time without a process counted in', async () => {
    await life.store.accept(newMessage('m1', { lifetimeMs: 10_000 }));
    await clock.advance(4_000);
    life.crash();
    await clock.advance(3_000);
    await begin();
    await clock.advance(2_999);
    assert.deepEqual(codes(), []);
    await clock.advance(1 + TOLERANCE_MS);
    assert.deepEqual(codes(), ['TIMED_OUT']);
  });

  it('fails within its whole lifetime where the clock on the wall was set back, and at once where it was set ahead', async () => {
    await life.store.accept(newMessage('m1', { lifetimeMs: 10_000 }));
    await again({ wallOffsetMs: -86_400_000 });
    await clock.advance(10_000 + TOLERANCE_MS);
    assert.deepEqual(codes(), ['TIMED_OUT']);
    await again();
    await life.store.accept(newMessage('m2', { lifetimeMs: 10_000 }));
    await again({ wallOffsetMs: 86_400_000 });
    await clock.advance(TOLERANCE_MS);
    assert.deepEqual(codes(), ['TIMED_OUT']);
  });

  for (const [what, record] of [
    ['of a state that this release does not know', '{"state":"elsewhere"}'],
    ['that lacks something', '{"state":"queued"}'],
    ['that is no record at all', 'read'],
  ] as const) {
    it(`stays in the journal untouched where it has a mark ${what}, and the log says so`, async () => {
      await life.store.accept(newMessage('m1', { body: { text: LARGE, restore: '' } }));
      await life.store.accept(newMessage('m2'));
      disk.ofKind('mark').set('m1', record);
      const before = disk.ofKind('message').get('m1');
      await again();
      await clock.advance(61_000);
      assert.deepEqual(states(), []);
      assert.deepEqual(
        life.failures.map(({ message }) => message.id),
        ['m2'],
      );
      assert.equal(disk.ofKind('message').get('m1'), before);
      assert.equal(disk.ofKind('mark').get('m1'), record);
      assert.equal(payloads.size, 1);
      assert.match(life.lines.join('\n'), /message m1 stays in the journal/);
    });
  }

  it('stays in the journal where its reply is not understood: it is not answered, lost or given out', async () => {
    await life.store.accept(newMessage('m1', { redeliver: true, maxDeliver: 5 }));
    mark({ ...READ, consumerStore: STORE, leased: false });
    disk.ofKind('reply').set('m1', '{"lengths":[]}\n');
    await again();
    await clock.advance(61_000);
    assert.deepEqual(states(), []);
    assert.deepEqual(codes(), []);
    assert.equal(life.repliesTold(), 0);
    assert.equal(disk.ofKind('message').size + disk.ofKind('mark').size + disk.ofKind('reply').size, 3);
  });
});
