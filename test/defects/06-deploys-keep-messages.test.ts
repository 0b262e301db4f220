import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import type { FlowNode } from '../support/node-red.js';
import { consumerNode, producerNode, storeNode, TestFlow } from '../support/test-flow.js';

const TEST_LIMIT_MS = 60_000;
const PAYLOADS = ['one', 'two', 'three'];

describe('DEFECTS 6: a deploy keeps every message', function () {
  this.timeout(TEST_LIMIT_MS);
  let flow: TestFlow | undefined;
  afterEach(() => flow?.stop());

  for (const persistence of ['crash-safe', 'power-safe', 'memory']) {
    for (const type of ['full', 'flows', 'nodes'] as const) {
      it(`of a store that is ${persistence}, deployed as ${type}, and delivers them`, async () => {
        const port = await freePort();
        const before = [storeNode('s', port, { persistence }), producerNode('p')];
        flow = await TestFlow.start(before);
        await flow.showsStatus('p', 'M:0 N:0 R:0');
        for (const payload of PAYLOADS) flow.send('p', { payload });
        await flow.showsStatus('p', 'M:3 N:0 R:0');
        // Another port, so that the store itself counts as changed.
        const after: FlowNode[] = [
          storeNode('s', await freePort(), { persistence }),
          producerNode('p'),
          consumerNode('c', { intransit: '10' }),
        ];
        await flow.deploy(after, type);
        flow.replying('c');
        const received = await flow.out('c', 'receive').count(PAYLOADS.length);
        assert.deepEqual(received.map(({ payload }) => payload).sort(), [...PAYLOADS].sort());
        assert.ok(received.every((message) => !('redelivered' in message)));
        await flow.showsStatus('p', 'M:0 N:0 R:0');
        assert.deepEqual(flow.out('p', 'failure').messages, []);
      });
    }
  }
});
