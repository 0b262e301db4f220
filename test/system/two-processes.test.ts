import assert from 'node:assert/strict';
import { NODE_RED_4, NODE_RED_5 } from '../support/node-red-process.js';
import { freePort } from '../support/free-port.js';
import { Instance, type InstanceOptions } from './driven-node-red.js';

const TEST_LIMIT_MS = 120_000;
const IN_FLIGHT = 16;

describe('two Node-RED processes with different user directories', function () {
  this.timeout(TEST_LIMIT_MS);
  let running: Instance[] = [];
  const open = async (...all: readonly InstanceOptions[]): Promise<Instance[]> => {
    running = all.map((options) => new Instance(options));
    await Promise.all(running.map((instance) => instance.start()));
    return running;
  };
  afterEach(async () => {
    await Promise.all(running.map((instance) => instance.end()));
  });

  for (const [what, edition] of [
    ['Node-RED 4.1', NODE_RED_4],
    ['Node-RED 5', NODE_RED_5],
  ] as const) {
    it(`serve each other, Node-RED 4.1 in the south and ${what} in the north`, async () => {
      const [southPort, northPort] = [await freePort(), await freePort()];
      const [south, north] = await open(
        { edition: NODE_RED_4, name: 'South', port: southPort, norths: [northPort], serves: 'southern' },
        { edition, name: 'North', port: northPort, serves: 'northern' },
      );
      assert.ok(south !== undefined && north !== undefined);
      await Promise.all([south.sees('northern'), north.sees('southern')]);

      await south.send('northern', ['one at a time']);
      assert.deepEqual(await south.replies(1), [{ payload: 'one at a time', preserved: 0 }]);
      const many = Array.from({ length: IN_FLIGHT }, (_, place) => `message ${place}`);
      await Promise.all([south.send('northern', many), north.send('southern', many)]);
      const replies = await north.replies(IN_FLIGHT);
      assert.deepEqual(replies.map(({ payload }) => payload).sort(), [...many].sort());
      await south.replies(1 + IN_FLIGHT);

      await south.send('northern', ['bytes'], 'buffer');
      const buffer = (await south.replies(2 + IN_FLIGHT)).at(-1);
      assert.deepEqual(buffer?.payload, { type: 'Buffer', data: [...Buffer.from('bytes')] });
      const large = 'L'.repeat(2_000_000);
      await south.send('northern', [large]);
      assert.equal((await south.replies(3 + IN_FLIGHT)).at(-1)?.payload, large);
    });
  }

  it('keep a message for a consumer whose process was killed, and deliver it when that is back', async () => {
    const [southPort, northPort] = [await freePort(), await freePort()];
    const [south, north] = await open(
      {
        edition: NODE_RED_4,
        name: 'South',
        port: southPort,
        norths: [northPort],
        producer: { producerConsumer: 'northern' },
      },
      { edition: NODE_RED_4, name: 'North', port: northPort, serves: 'northern' },
    );
    assert.ok(south !== undefined && north !== undefined);
    await south.sees('northern');
    await south.send('northern', ['before']);
    await south.replies(1);
    await north.stop('SIGKILL');
    await south.send('northern', ['while it is away']);
    await north.start();
    assert.equal((await south.replies(2)).at(-1)?.payload, 'while it is away');
    assert.deepEqual((await south.came()).failures, []);
  });

  it('reach each other through a third one, by the way of the notify and straight', async () => {
    const [southPort, hubPort, northPort] = [await freePort(), await freePort(), await freePort()];
    const [south, , other] = await open(
      { edition: NODE_RED_4, name: 'South', port: southPort, norths: [hubPort], serves: 'southern' },
      { edition: NODE_RED_4, name: 'Hub', port: hubPort },
      {
        edition: NODE_RED_4,
        name: 'Other',
        port: northPort,
        norths: [hubPort],
        producer: { enforceReversePath: false },
      },
    );
    assert.ok(south !== undefined && other !== undefined);
    await other.sees('southern');
    await other.send('southern', ['straight', 'x'.repeat(500_000)]);
    assert.equal((await other.replies(2)).length, 2);
  });
});
