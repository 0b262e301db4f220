import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { consumerNode, producerNode, storeNode, TestFlow } from '../support/test-flow.js';

/** What the defect asks for, ms. */
const ATTACHED_WITHIN_MS = 1_000;

describe('DEFECTS 7: a consumer and its store', () => {
  let flow: TestFlow | undefined;
  afterEach(() => flow?.stop());

  it('find each other again when only the store is redeployed', async () => {
    const port = await freePort();
    const others = [producerNode('p'), consumerNode('c')];
    flow = await TestFlow.start([storeNode('s', port), ...others]);
    await flow.showsStatus('c', 'N:0');
    await flow.deploy([storeNode('s', port, { interStoreLB: true }), ...others], 'nodes');
    flow.send('p', { payload: 'after' });
    assert.equal((await flow.out('c', 'receive').next(ATTACHED_WITHIN_MS))['payload'], 'after');
  });

  it('find each other where the consumer stands before the store in the flow', async () => {
    flow = await TestFlow.start([consumerNode('c'), producerNode('p'), storeNode('s', await freePort())]);
    flow.send('p', { payload: 'first' });
    assert.equal((await flow.out('c', 'receive').next())['payload'], 'first');
  });

  it('find each other where the store is deployed later', async () => {
    const early = [consumerNode('c'), producerNode('p')];
    flow = await TestFlow.start(early);
    await flow.showsStatus('c', 'Error: No mesh0:s');
    await flow.showsStatus('p', 'Error: No Store:mesh0:s');
    await flow.deploy([...early, storeNode('s', await freePort())], 'nodes');
    await flow.showsStatus('c', 'N:0', ATTACHED_WITHIN_MS);
    flow.send('p', { payload: 'late' });
    assert.equal((await flow.out('c', 'receive').next(ATTACHED_WITHIN_MS))['payload'], 'late');
  });
});
