import assert from 'node:assert/strict';
import { makeMeshKey } from '../../src/security/mesh-key.js';
import { freePort } from '../support/free-port.js';
import { consumer, flowOf, producer, store, type FlowNode } from './flow.js';
import { disposeAll, Instance, WITHIN_MS } from './instance.js';

const START_WITHIN_MS = 120_000;
const HOST = '127.0.0.1';

/** Sooner than the lease of a message lapses, which was last renewed up to 3 s before, ms. */
const BEFORE_THE_LEASE_LAPSES_MS = 6_000;

describe('messages that were read, and whose consumer leaves with its flow', function () {
  this.timeout(WITHIN_MS * 2);
  let left: Instance;
  let right: Instance;
  let holding: FlowNode[];
  let sent = 0;

  before(async function () {
    this.timeout(START_WITHIN_MS);
    const [here, there] = [
      { host: HOST, port: await freePort() },
      { host: HOST, port: await freePort() },
    ];
    const secured = { security: 'mesh', credentials: { meshKey: makeMeshKey() } };
    // Nothing answers: what the consumer is given stays in its hands.
    holding = flowOf(store('right', there, [], secured), consumer('holds', 'right', 'work'));
    left = new Instance(flowOf());
    right = new Instance(flowOf());
    await Promise.all([left.start(), right.start()]);
    await right.deploy(holding);
    await left.deploy(flowOf(store('left', here, [there], secured), producer('sends', 'left', 'work')));
    await left.sees('left', 'work');
  });

  after(() => disposeAll(left, right));

  async function hasRead(): Promise<void> {
    sent += 1;
    left.send('sends', { payload: sent });
    await right.out('holds', 0).count(sent, WITHIN_MS);
  }

  async function isToldSoon(): Promise<void> {
    const failures = await left.out('sends', 2).count(sent, BEFORE_THE_LEASE_LAPSES_MS);
    assert.deepEqual(
      failures.map(({ code, read }) => [code, read]),
      Array.from({ length: sent }, () => ['CONSUMER_LOST', true]),
    );
  }

  it('fail at once where that is a full deploy', async () => {
    await hasRead();
    await right.deploy(holding);
    await isToldSoon();
    await left.sees('left', 'work');
  });

  it('fail at once where Node-RED is ended', async () => {
    await hasRead();
    await right.stop();
    await isToldSoon();
  });
});
