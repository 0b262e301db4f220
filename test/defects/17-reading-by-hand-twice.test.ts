import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { consumerNode, producerNode, storeNode, TestFlow } from '../support/test-flow.js';

describe('DEFECTS 17: reading the same message by hand twice', () => {
  it('fails the second time, and the first read stands, with its reply', async () => {
    const flow = await TestFlow.start([
      storeNode('s', await freePort()),
      producerNode('p'),
      consumerNode('c', { manualReadReceiveSend: true, intransit: 4 }),
    ]);
    try {
      await flow.showsStatus('c', 'N:0');
      flow.send('p', { payload: 'once' });
      const { redlinkMsgId } = await flow.out('c', 'notify').next();
      flow.send('c', { topic: 'read', redlinkMsgId });
      assert.equal((await flow.out('c', 'receive').next())['payload'], 'once');
      flow.send('c', { topic: 'read', redlinkMsgId });
      const failure = await flow.out('c', 'failure').next();
      assert.equal(failure['action'], 'consumerRead');
      assert.equal(failure['error'], 'Message metadata not received');
      flow.send('c', { redlinkMsgId, payload: 'answer' });
      assert.equal((await flow.out('p', 'receive').next())['payload'], 'answer');
    } finally {
      await flow.stop();
    }
  });
});
