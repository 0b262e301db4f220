import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { RemoteStore } from '../support/remote-store.js';
import { producerNode, storeNode, TestFlow } from '../support/test-flow.js';

describe('a store in legacy mode', () => {
  let flow: TestFlow | undefined;
  let remote: RemoteStore | undefined;
  afterEach(async () => {
    await flow?.stop();
    await remote?.close();
    [flow, remote] = [undefined, undefined];
  });

  it('is what a flow has that lacks the property: its status says so, and the log once', async () => {
    flow = await TestFlow.start([storeNode('s', await freePort())]);
    await flow.showsStatus('s', 'Local(0) Global(0) legacy');
    const warnings = flow.warningsLogged('s').filter((line) => line.includes('legacy'));
    assert.equal(warnings.length, 1, warnings.join('\n'));
  });

  it('is linked to a store of another mesh name', async () => {
    const port = await freePort();
    remote = await RemoteStore.open(port, [], { name: 'mesh1:remote' });
    const consumer = remote.consumer();
    const headers = [{ ip: '127.0.0.1', port: String(port), redistribute: 'false' }];
    flow = await TestFlow.start([storeNode('s', await freePort(), { headers }), producerNode('p')]);
    await flow.showsStatus('s', 'Local(0) Global(1) legacy');
    flow.send('p', { payload: 'over' });
    const { meta } = await consumer.received.next();
    await consumer.consumer.reply(meta.messageId, 'and back', undefined);
    assert.equal((await flow.out('p', 'receive').next())['payload'], 'and back');
  });
});
