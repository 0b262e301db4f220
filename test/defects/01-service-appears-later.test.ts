import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { consumerNode, producerNode, storeNode, TestFlow } from '../support/test-flow.js';
import { pause } from '../support/outlet.js';

/** Fast enough to be an event and not the notify interval (15 s) or a resync (30 s). */
const AT_ONCE_MS = 2_000;

describe('DEFECTS 1: a message for a service that nobody offers yet', () => {
  let flow: TestFlow | undefined;
  afterEach(() => flow?.stop());

  it('is delivered at once when a consumer on the same store appears', async () => {
    const nodes = [storeNode('s', await freePort()), producerNode('p')];
    flow = await TestFlow.start(nodes);
    await flow.showsStatus('p', 'M:0 N:0 R:0');
    flow.send('p', { payload: 'early' });
    await flow.showsStatus('p', 'M:1 N:0 R:0');
    await pause(500);
    await flow.deploy([...nodes, consumerNode('c')], 'nodes');
    assert.equal((await flow.out('c', 'receive').next(AT_ONCE_MS))['payload'], 'early');
  });

  it('is delivered at once when a consumer on another store appears', async () => {
    const [near, far] = [await freePort(), await freePort()];
    const north = [{ ip: '127.0.0.1', port: String(far), redistribute: 'false' }];
    const nodes = [storeNode('s', near, { headers: north }), storeNode('far', far), producerNode('p')];
    flow = await TestFlow.start(nodes);
    await flow.showsStatus('s', /^Local\(0\) Global\(0\)/);
    flow.send('p', { payload: 'early' });
    await flow.showsStatus('p', 'M:1 N:0 R:0');
    await flow.deploy([...nodes, consumerNode('c', { consumerStoreName: 'mesh0:far' })], 'nodes');
    assert.equal((await flow.out('c', 'receive').next(AT_ONCE_MS))['payload'], 'early');
  });
});
