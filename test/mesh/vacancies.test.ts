import assert from 'node:assert/strict';
import { CoreMesh, type CoreProducer } from '../support/core-mesh.js';

const NOTIFY_INTERVAL_MS = 15_000;
/** Some round trips of the simulated network: far less than the notify interval. */
const AT_ONCE_MS = 100;
const HUB = '10.0.0.99';

describe('stores that wait for room', () => {
  let mesh: CoreMesh;
  beforeEach(() => {
    mesh = new CoreMesh();
  });
  afterEach(() => mesh.close());

  async function producers(count: number, north: string): Promise<CoreProducer[]> {
    const made: CoreProducer[] = [];
    for (let store = 1; store <= count; store += 1) {
      const south = await mesh.store(`10.0.1.${store}`, [north]);
      made.push(south.producer({ notifyIntervalMs: NOTIFY_INTERVAL_MS }));
    }
    await mesh.clock.advance(1_000);
    return made;
  }

  const served = (all: readonly CoreProducer[]): number[] => all.map(({ replies }) => replies.length);
  const total = (all: readonly CoreProducer[]): number => served(all).reduce((sum, count) => sum + count, 0);

  for (const [way, through] of [
    ['directly', HUB],
    ['through a store on the way', '10.0.0.50'],
  ] as const) {
    it(`are told ${way}, one after the other, and none waits for its notify interval`, async () => {
      if (through !== HUB) await mesh.store(through);
      const far = await mesh.store(HUB, through === HUB ? [] : [through]);
      const { received } = far.consumer({ inTransitLimit: 1 }, 10);
      const all = await producers(5, through);
      for (const one of all) for (let sent = 0; sent < 10; sent += 1) one.send();
      // 10 ms for the flow, and some round trips.
      await mesh.clock.advance(50 * AT_ONCE_MS);
      assert.deepEqual(served(all), [10, 10, 10, 10, 10]);
      assert.equal(received.length, 50);
    }).timeout(60_000);
  }

  it('have their turns: none gets two more than another', async () => {
    const far = await mesh.store(HUB);
    far.consumer({ inTransitLimit: 1 }, 20);
    const all = await producers(4, HUB);
    for (const one of all) for (let sent = 0; sent < 20; sent += 1) one.send();
    while (total(all) < 40) {
      await mesh.clock.advance(10);
      if (total(all) < 8) continue;
      const counts = served(all);
      assert.ok(Math.max(...counts) - Math.min(...counts) <= 2, counts.join());
    }
  }).timeout(60_000);

  it('are not held up by one that has nothing left to offer', async () => {
    const far = await mesh.store(HUB);
    const { consumer, received } = far.consumer({ inTransitLimit: 1 }, false);
    const gone = await mesh.store('10.0.2.1', [HUB]);
    const [first, last] = await producers(2, HUB);
    assert.ok(first && last);
    first.send();
    await mesh.clock.advance(AT_ONCE_MS);
    gone.producer({ notifyIntervalMs: NOTIFY_INTERVAL_MS }).send();
    await mesh.clock.advance(AT_ONCE_MS);
    last.send();
    await mesh.clock.advance(AT_ONCE_MS);
    gone.store.flush();
    await consumer.reply(received[0]?.meta.messageId ?? '', 'done', undefined);
    await mesh.clock.advance(AT_ONCE_MS);
    assert.equal(received.length, 2);
  });

  it('are not held up by one that died after it was refused', async () => {
    const far = await mesh.store(HUB);
    const { consumer, received } = far.consumer({ inTransitLimit: 1 }, false);
    const dying = await mesh.store('10.0.2.1', [HUB]);
    const [first, last] = await producers(2, HUB);
    assert.ok(first && last);
    first.send();
    await mesh.clock.advance(AT_ONCE_MS);
    dying.producer({ notifyIntervalMs: NOTIFY_INTERVAL_MS }).send();
    await mesh.clock.advance(AT_ONCE_MS);
    last.send();
    await mesh.clock.advance(AT_ONCE_MS);
    mesh.kill(dying, '10.0.2.1');
    await consumer.reply(received[0]?.meta.messageId ?? '', 'done', undefined);
    await mesh.clock.advance(2_000);
    assert.equal(received.length, 2);
  });

  it('share with the messages of the store that has the consumer', async () => {
    const far = await mesh.store(HUB);
    far.consumer({ inTransitLimit: 1 }, 10);
    const own = far.producer({ notifyIntervalMs: NOTIFY_INTERVAL_MS });
    const [other] = await producers(1, HUB);
    assert.ok(other);
    for (let sent = 0; sent < 60; sent += 1) own.send();
    for (let sent = 0; sent < 10; sent += 1) other.send();
    while (other.replies.length < 10) await mesh.clock.advance(10);
    assert.ok(own.replies.length < 30, `${own.replies.length} of its own came first`);
  }).timeout(60_000);

  it('do not ask while there is no room', async () => {
    const far = await mesh.store(HUB);
    far.consumer({ inTransitLimit: 0 });
    const [one] = await producers(1, HUB);
    assert.ok(one);
    one.send();
    await mesh.clock.advance(AT_ONCE_MS);
    const before = mesh.network.calls;
    for (let sent = 0; sent < 10; sent += 1) {
      one.send();
      await mesh.clock.advance(1_000);
    }
    assert.equal(mesh.network.calls, before);
  });
});
