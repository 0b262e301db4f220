import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { CoreMesh } from '../support/core-mesh.js';
import { helper, startFlow } from '../support/node-red.js';
import { until } from '../support/outlet.js';
import { consumerNode, producerNode, storeNode } from '../support/test-flow.js';

const BURST = 10_000;

/**
 * How many times what the same burst into a node that does nothing takes: 1 s where that takes 65 ms, as on
 * the machine that the figures are from.
 */
const TAKEN_IN_TIMES_IDLE = 15;
const HELD_LONGER_MS = 50;

/** Others use the processor, too: the best of so many counts. */
const ROUNDS = 5;

describe('DEFECTS 18: ten thousand messages at once', () => {
  it('are taken in with a bounded number of turns of the event loop, and all answered', async () => {
    const mesh = new CoreMesh();
    const store = await mesh.store('10.0.0.1');
    store.consumer({ inTransitLimit: 100 });
    const producer = store.producer();
    for (let sent = 0; sent < BURST; sent += 1) producer.send();
    // Taken in: `send` has accepted each at once, nothing was put off.
    assert.equal(store.store.engine.messages.size, BURST);
    await mesh.clock.advance(5_000);
    assert.equal(producer.replies.length, BURST);
    assert.equal(producer.failures.length, 0);
    await mesh.close();
  }).timeout(60_000);

  it('hold the process no longer than the same burst into a node that does nothing, and are in within 1 s', async () => {
    const tab = { id: 'tab', type: 'tab', label: 'Burst' };
    const nodes = [
      storeNode('s', await freePort()),
      producerNode('p'),
      consumerNode('c', { intransit: 0 }),
      { id: 'idle', type: 'helper', x: 0, y: 0, z: 'tab', wires: [] },
    ];
    await startFlow([tab, ...nodes.map((node) => ({ ...node, wires: [] }))]);
    try {
      let status = '';
      const producer: NodeJS.EventEmitter = helper.getNode('p');
      producer.on('call:status', (call: { args: [{ text: string }] }) => {
        status = call.args[0].text;
      });
      const shows = (text: string) => (): boolean => status === text;
      await until(shows('M:0 N:0 R:0'), () => `the store is not there: ${status}`);
      const idle = helper.getNode('idle');
      idle.on('input', (_message, _send, done) => {
        done();
      });
      const best = { idleMs: Infinity, producerMs: Infinity, takenInMs: Infinity };
      for (let round = 0; round < ROUNDS; round += 1) {
        best.idleMs = Math.min(best.idleMs, await longestHold('idle', () => true));
        const begun = process.cpuUsage();
        const producerMs = await longestHold('p', shows(`M:${BURST} N:0 R:0`));
        best.takenInMs = Math.min(best.takenInMs, processorMs(begun));
        best.producerMs = Math.min(best.producerMs, producerMs);
        helper.getNode('s').receive({ topic: 'flushStore' });
        await until(shows('M:0 N:0 R:0'), 'the store was not emptied');
      }
      assert.ok(best.takenInMs < TAKEN_IN_TIMES_IDLE * best.idleMs, JSON.stringify(best));
      assert.ok(best.producerMs - best.idleMs < HELD_LONGER_MS, JSON.stringify(best));
    } finally {
      await helper.unload();
    }
  }).timeout(60_000);
});

/** Sends a burst into a node. @returns the longest turn of the event loop until it is over, ms of processor time. */
async function longestHold(id: string, isOver: () => boolean): Promise<number> {
  const node = helper.getNode(id);
  let longest = 0;
  let before = process.cpuUsage();
  for (let sent = 0; sent < BURST; sent += 1) node.receive({ payload: sent });
  do {
    await new Promise((resolve) => setImmediate(resolve));
    longest = Math.max(longest, processorMs(before));
    before = process.cpuUsage();
  } while (!isOver());
  return longest;
}

/** Processor time of this process since then, ms: of that a busy machine takes no more than an idle one. */
function processorMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000;
}
