import assert from 'node:assert/strict';
import { CoreMesh, type CoreProducer, type CoreStore } from '../support/core-mesh.js';

/** The high-availability mesh of six (docs/ROUTING.md); an arrow is "has as north peer". */
const NORTHS: Readonly<Record<string, readonly string[]>> = {
  '10.0.0.21': [],
  '10.0.0.11': ['10.0.0.21'],
  '10.0.0.20': ['10.0.0.11', '10.0.0.21'],
  '10.0.0.10': ['10.0.0.20', '10.0.0.11', '10.0.0.21'],
  '10.0.0.2': ['10.0.0.20', '10.0.0.21'],
  '10.0.0.1': ['10.0.0.10', '10.0.0.11'],
};
const [ONE, TWO] = ['10.0.0.1', '10.0.0.2'];
const MIDDLE = ['10.0.0.10', '10.0.0.11', '10.0.0.20', '10.0.0.21'];

/** Between two messages of each direction, ms. */
const SEND_EVERY_MS = 20;
/** A message that was under way through the dead store may take so long to find another way, ms. */
const SETTLED_WITHIN_MS = 3_000;
const FLOWS_AGAIN_WITHIN_MS = 1_000;
const STANDS_STILL_MS = 10_000;
/** Twice the silence after which a neighbour is suspect, and a look at it. */
const GOES_ROUND_WITHIN_MS = 1_500;
/** Messages of each direction, of 500 sent meanwhile, that may not be answered before it moves again. */
const MAY_WAIT = 10;

describe('the high-availability mesh of six, when a store in the middle fails', () => {
  let mesh: CoreMesh;
  let stores: Map<string, CoreStore>;
  let sending: { producer: CoreProducer; sent: string[] }[];

  async function open(host: string): Promise<void> {
    const northPeers = (NORTHS[host] ?? []).map((north) => ({
      address: mesh.address(north),
      redistribute: true,
    }));
    stores.set(host, await mesh.store(host, [], { northPeers }));
  }

  beforeEach(async () => {
    mesh = new CoreMesh();
    stores = new Map();
    sending = [];
    for (const host of Object.keys(NORTHS)) await open(host);
    for (const [host, service] of [
      [ONE, 'at two'],
      [TWO, 'at one'],
    ] as const) {
      const store = stores.get(host);
      assert.ok(store !== undefined);
      store.consumer({ service: host === ONE ? 'at one' : 'at two', inTransitLimit: 64 });
      sending.push({ producer: store.producer({ service }), sent: [] });
    }
    await mesh.clock.advance(2_000);
  });
  afterEach(() => mesh.close());

  async function flowFor(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += SEND_EVERY_MS) {
      for (const { producer, sent } of sending) sent.push(producer.send());
      await mesh.clock.advance(SEND_EVERY_MS);
    }
  }

  for (const victim of MIDDLE) {
    it(`${victim} is killed: messages flow again within a second, none is lost or comes twice`, async () => {
      await flowFor(500);
      const dead = stores.get(victim);
      assert.ok(dead !== undefined);
      mesh.kill(dead, victim);
      const before = sending.map(({ sent }) => sent.length);
      await flowFor(FLOWS_AGAIN_WITHIN_MS);
      sending.forEach(({ producer, sent }, at) => {
        const after = new Set(sent.slice(before[at]));
        assert.ok(
          producer.replies.some(({ messageId }) => after.has(messageId)),
          `direction ${at} stands still`,
        );
      });
      await mesh.clock.advance(SETTLED_WITHIN_MS);
      assertAllAnswered();
    });

    it(`${victim} stands still for ten seconds: the others go round it, and none is lost or comes twice`, async () => {
      await flowFor(500);
      const still = stores.get(victim);
      assert.ok(still !== undefined);
      mesh.freeze(still, victim);
      const before = sending.map(({ sent }) => sent.length);
      await flowFor(GOES_ROUND_WITHIN_MS);
      const first = sending.map(({ sent, producer }, at) => {
        const after = new Set(sent.slice(before[at]));
        return producer.replies.some(({ messageId }) => after.has(messageId));
      });
      assert.deepEqual(first, [true, true], 'nothing goes round it');
      await flowFor(STANDS_STILL_MS - GOES_ROUND_WITHIN_MS);
      const waiting = sending.map(({ sent, producer }) => sent.length - producer.replies.length);
      mesh.thaw(still, victim);
      await mesh.clock.advance(SETTLED_WITHIN_MS);
      assertAllAnswered();
      for (const left of waiting)
        assert.ok(left < MAY_WAIT, `${left} messages wait for the one that stands still`);
    });
  }

  function assertAllAnswered(): void {
    for (const { producer, sent } of sending) {
      assert.deepEqual(producer.failures, []);
      assert.deepEqual(producer.replies.map(({ messageId }) => messageId).sort(), [...sent].sort());
    }
  }
});
