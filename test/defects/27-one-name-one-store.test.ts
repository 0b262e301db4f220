import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { consumerNode, producerNode, storeNode, TestFlow } from '../support/test-flow.js';

describe('DEFECTS 27: two stores with one name', () => {
  let flow: TestFlow | undefined;
  afterEach(() => flow?.stop());

  it('the second is refused, and its end leaves the first and its messages alone', async () => {
    const first = [storeNode('s', await freePort()), producerNode('p')];
    flow = await TestFlow.start([...first, storeNode('second', await freePort(), { name: 's' })]);
    await flow.showsStatus('second', /duplicate name/);
    flow.send('p', { payload: 'kept' });
    await flow.showsStatus('p', 'M:1 N:0 R:0');
    await flow.deploy([...first, consumerNode('c')], 'nodes');
    flow.replying('c');
    const [received] = await flow.out('c', 'receive').count(1);
    assert.equal(received?.['payload'], 'kept');
    await flow.showsStatus('p', 'M:0 N:0 R:0');
    assert.deepEqual(flow.out('p', 'failure').messages, []);
  });
});
