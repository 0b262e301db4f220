import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { postJson } from '../support/hand-made.js';
import { consumerNode, producerNode, storeNode, TestFlow } from '../support/test-flow.js';
import { RemoteStore } from '../support/remote-store.js';

describe('DEFECTS 30: no single request ends the process', () => {
  it('a confirmation whose next store is dead is refused', async () => {
    const port = await freePort();
    const store = await RemoteStore.open(port);
    const hop = (name: string, at: number): object => ({
      store: name,
      address: '127.0.0.1',
      port: String(at),
      enforceReversePath: true,
    });
    const path = [hop('mesh0:remote', port), hop('mesh0:dead', await freePort())];
    try {
      const answer = await postJson(port, '/notify', {
        notifyType: 'confirmNotification',
        service: 'svc',
        srcStoreName: 'mesh0:S9',
        srcStoreAddress: '127.0.0.1',
        srcStorePort: '9',
        transitAddress: '127.0.0.1',
        transitPort: '9',
        notifyPath: path,
        tempPath: path,
        sendersHopCount: 1,
        redlinkMsgId: 'm1',
        redlinkProducerId: 'p1',
        enforceReversePath: true,
        consumerId: 'c1',
      });
      assert.match(answer.text, /"status":404/);
      assert.match((await postJson(port, '/notify', {})).text, /BAD_REQUEST/);
    } finally {
      await store.close();
    }
  });

  it('a large message between two stores of one process arrives', async () => {
    const [near, far] = [await freePort(), await freePort()];
    const flow = await TestFlow.start([
      storeNode('s', near, { headers: [{ ip: '127.0.0.1', port: String(far), redistribute: 'false' }] }),
      storeNode('far', far),
      producerNode('p'),
      consumerNode('c', { consumerStoreName: 'mesh0:far' }),
    ]);
    try {
      flow.replying('c');
      await flow.showsStatus('s', /Global\(1\)/);
      const payload = 'L'.repeat(200_000);
      flow.send('p', { payload, preserved: 'kept' });
      const reply = await flow.out('p', 'receive').next();
      assert.equal(reply['payload'], payload);
      assert.equal(reply['preserved'], 'kept');
    } finally {
      await flow.stop();
    }
  });
});
