import assert from 'node:assert/strict';
import { NODE_RED_4 } from '../support/node-red-process.js';
import { freePort } from '../support/free-port.js';
import { Instance } from './driven-node-red.js';

const TEST_LIMIT_MS = 120_000;
/** Milliseconds until all are surely accepted: some tens of them take a few milliseconds. */
const ACCEPTED_WITHIN_MS = 3_000;
const MESSAGES = 50;
const LARGE = 'L'.repeat(300_000);

describe('messages that wait in a Node-RED process', function () {
  this.timeout(TEST_LIMIT_MS);
  let south: Instance | undefined;
  let north: Instance | undefined;
  afterEach(() => Promise.all([south?.end(), north?.end()]));

  it('survive its kill, large ones too, and are answered when all are back', async () => {
    const [southPort, northPort] = [await freePort(), await freePort()];
    south = new Instance({
      edition: NODE_RED_4,
      name: 'South',
      port: southPort,
      norths: [northPort],
      producer: { producerConsumer: 'northern' },
    });
    north = new Instance({ edition: NODE_RED_4, name: 'North', port: northPort, serves: 'northern' });
    await south.start();
    const payloads = [...Array.from({ length: MESSAGES }, (_, place) => `message ${place}`), LARGE];
    await south.send('northern', payloads);
    await new Promise((resolve) => setTimeout(resolve, ACCEPTED_WITHIN_MS));
    await south.stop('SIGKILL');
    await Promise.all([south.start(), north.start()]);
    const replies = await south.replies(payloads.length);
    assert.deepEqual(replies.map(({ payload }) => payload).sort(), [...payloads].sort());
    assert.deepEqual((await south.came()).failures, []);
  });
});
