import assert from 'node:assert/strict';
import { MemoryDisk, MemoryJournal } from '../../src/journal/memory.js';
import type { ProducerOptions } from '../../src/producer/options.js';
import type { Clock } from '../../src/support/clock.js';
import { LEASE_MS } from '../../src/store/leases.js';
import { type CoreConsumer, CoreMesh, type CoreProducer, type CoreStore } from '../support/core-mesh.js';

const [HERE, THERE] = ['10.0.0.1', '10.0.0.2'];

/** A few times the way there and back, and far less than a lease. */
const SOON_MS = 500;

/** The read of a message of another store, from the notify to the flow, is over within this. */
const READ_WITHIN_MS = 25;
const STEP_MS = 0.25;
const DISK = { commitMs: 1, answerMs: 1 };

describe('what a consumer had that leaves its flow for good', () => {
  let mesh: CoreMesh;
  let near: CoreStore;
  let far: CoreStore;

  beforeEach(async () => {
    mesh = new CoreMesh();
    near = await mesh.store(HERE, [THERE]);
    far = await mesh.store(THERE);
  });
  afterEach(() => mesh.close());

  /** A message that the consumer has read and does not answer. */
  async function read(
    options: Partial<ProducerOptions> = {},
  ): Promise<{ reader: CoreConsumer; sender: CoreProducer }> {
    const reader = far.consumer({}, false);
    await mesh.clock.advance(1_000);
    const sender = near.producer(options);
    sender.send();
    await mesh.clock.advance(1_000);
    assert.equal(reader.received.length, 1);
    return { reader, sender };
  }

  function codes({ failures }: CoreProducer): readonly string[] {
    return failures.map(({ code, read: wasRead }) => `${code} ${wasRead ? 'read' : 'unread'}`);
  }

  it('fails at its producer at once, not when its lease lapses', async () => {
    const { reader, sender } = await read();
    reader.consumer.detach();
    await mesh.clock.advance(SOON_MS);
    assert.deepEqual(codes(sender), ['CONSUMER_LOST read']);
  });

  it('goes to another at once where its producer allows it, marked as a repeat', async () => {
    const { reader, sender } = await read({ redeliver: true, maxDeliver: 5 });
    const other = far.consumer({ id: 'other' });
    reader.consumer.detach();
    await mesh.clock.advance(SOON_MS);
    assert.deepEqual(
      other.received.map(({ meta }) => meta.deliveryCount),
      [2],
    );
    assert.equal(sender.replies.length, 1);
  });

  it('fails at once where the store leaves right after its consumer', async () => {
    const { reader, sender } = await read();
    reader.consumer.detach();
    const closing = far.store.close();
    await mesh.clock.advance(SOON_MS);
    await closing;
    assert.deepEqual(codes(sender), ['CONSUMER_LOST read']);
  });

  it('is said again until it was heard', async () => {
    const { reader, sender } = await read();
    mesh.network.separate(mesh.address(HERE), mesh.address(THERE));
    reader.consumer.detach();
    await mesh.clock.advance(LEASE_MS / 4);
    assert.deepEqual(codes(sender), []);
    mesh.network.heal();
    // What was under way is given up first. The lease lapses later: 9 s after the consumer left.
    await mesh.clock.advance(LEASE_MS / 2);
    assert.deepEqual(codes(sender), ['CONSUMER_LOST read']);
  });

  it('stays where the consumer comes back', async () => {
    const { reader, sender } = await read();
    reader.consumer.detach(true);
    const successor = far.consumer({}, false);
    await mesh.clock.advance(LEASE_MS);
    void successor.consumer.reply(reader.received[0]?.meta.messageId, 'done', undefined);
    await mesh.clock.advance(SOON_MS);
    assert.deepEqual(codes(sender), []);
    assert.equal(sender.replies.length, 1);
  });

  it('is not given up because a store says so that does not have it', async () => {
    const { sender } = await read();
    const [row] = near.store.engine.messages.rows();
    assert.ok(row);
    for (const [consumerStore, token] of [
      ['mesh0:10.0.0.3', row.token],
      [row.consumerStore, 'guessed'],
    ] as const) {
      const lost = [{ messageId: row.id, token, read: true }];
      await near.store.answer(
        { verb: 'renew', consumerStore, held: [], lost, path: [] },
        { remoteIp: THERE },
      );
    }
    await mesh.clock.advance(SOON_MS);
    assert.deepEqual(codes(sender), []);
  });
});

describe('a consumer that leaves while it reads', () => {
  for (const [where, apart] of [
    ['from another store', true],
    ['from its own store', false],
  ] as const) {
    it(`has the message ${where} or leaves it to the next as if it had never been read, whenever it leaves`, async () => {
      let [had, left] = [0, 0];
      for (let afterMs = 0; afterMs < READ_WITHIN_MS; afterMs += STEP_MS) {
        if (await leavesAfter(afterMs, apart)) had += 1;
        else left += 1;
      }
      assert.ok(had > 0 && left > 0, `had ${had}, left ${left}`);
    });
  }

  for (const [where, apart] of [
    ['from another store', true],
    ['from its own store', false],
  ] as const) {
    it(`and comes back may answer what its flow had ${where}, or is given it anew, whenever it leaves`, async () => {
      let [had, left] = [0, 0];
      for (let afterMs = 0; afterMs < READ_WITHIN_MS; afterMs += STEP_MS) {
        if (await comesBackAfter(afterMs, apart)) had += 1;
        else left += 1;
      }
      assert.ok(had > 0 && left > 0, `had ${had}, left ${left}`);
    });
  }

  async function open(apart: boolean): Promise<{ mesh: CoreMesh; near: CoreStore; place: CoreStore }> {
    const mesh = new CoreMesh();
    const disk = new MemoryDisk();
    const journal = (clock: Clock): MemoryJournal => new MemoryJournal({ disk, clock, ...DISK });
    const near = await mesh.store(HERE, [THERE], {}, { journal });
    const far = await mesh.store(THERE);
    return { mesh, near, place: apart ? far : near };
  }

  /** @returns whether its flow had the message */
  async function comesBackAfter(afterMs: number, apart: boolean): Promise<boolean> {
    const { mesh, near, place } = await open(apart);
    const reader = place.consumer({}, false);
    await mesh.clock.advance(1_000);
    const sender = near.producer();
    const messageId = sender.send();
    await mesh.clock.advance(afterMs);
    reader.consumer.detach(true);
    const again = place.consumer({}, false);
    await mesh.clock.advance(SOON_MS);
    const when = `left after ${afterMs} ms`;
    const had = reader.received.length > 0;
    assert.equal(again.received.length, had ? 0 : 1, when);
    assert.equal(again.received[0]?.meta.deliveryCount ?? 1, 1, when);
    void again.consumer.reply(messageId, 'done', undefined);
    await mesh.clock.advance(SOON_MS);
    assert.deepEqual([sender.replies.length, sender.failures, again.failures], [1, [], []], when);
    await mesh.close();
    return had;
  }

  /** @returns whether its flow had the message */
  async function leavesAfter(afterMs: number, apart: boolean): Promise<boolean> {
    const { mesh, near, place } = await open(apart);
    const reader = place.consumer({}, false);
    await mesh.clock.advance(1_000);
    const sender = near.producer();
    sender.send();
    await mesh.clock.advance(afterMs);
    reader.consumer.detach();
    const next = place.consumer({ id: 'next' });
    await mesh.clock.advance(SOON_MS);
    const when = `left after ${afterMs} ms`;
    const had = reader.received.length > 0;
    assert.deepEqual(
      next.received.map(({ meta }) => meta.deliveryCount),
      had ? [] : [1],
      when,
    );
    assert.deepEqual(
      sender.failures.map(({ code }) => code),
      had ? ['CONSUMER_LOST'] : [],
      when,
    );
    assert.equal(sender.replies.length, had ? 0 : 1, when);
    await mesh.close();
    return had;
  }
});
