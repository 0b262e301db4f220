import { freePort } from '../support/free-port.js';
import { RemoteStore } from '../support/remote-store.js';
import { consumerNode, producerNode, storeNode, TestFlow } from '../support/test-flow.js';

const AT_REST = 'Local(1) Global(1) legacy';

describe('the status of a store whose messages wait', () => {
  let flow: TestFlow | undefined;
  let remote: RemoteStore | undefined;
  afterEach(async () => {
    await flow?.stop();
    await remote?.close();
    [flow, remote] = [undefined, undefined];
  });

  it('says so while the one consumer is busy, and no longer once it is not', async () => {
    flow = await TestFlow.start([storeNode('s', await freePort()), producerNode('p'), consumerNode('c')]);
    await flow.showsStatus('s', AT_REST);
    flow.send('p', { payload: 'first' });
    flow.send('p', { payload: 'second' });
    const { redlinkMsgId } = await flow.out('c', 'receive').next();
    await flow.showsStatus('s', `${AT_REST} parked (no room): svc`);
    await flow.showsStatus('p', 'M:1 N:1 R:0');
    flow.send('c', { redlinkMsgId, payload: 'done' });
    await flow.out('c', 'receive').next();
    await flow.showsStatus('s', AT_REST);
  });

  it('says so of each service, also without a mesh key, and no longer once they are flushed', async () => {
    flow = await TestFlow.start([
      storeNode('s', await freePort(), { security: 'mesh' }),
      producerNode('p'),
      producerNode('q', { producerConsumer: 'other' }),
      consumerNode('c', { intransit: '0' }),
      consumerNode('d', { name: 'other', intransit: '0' }),
    ]);
    flow.send('p', { payload: 'waits' });
    await flow.showsStatus('s', 'no mesh key: this Node-RED only parked (no room): svc');
    flow.send('q', { payload: 'waits, too' });
    await flow.showsStatus('s', 'no mesh key: this Node-RED only parked (no room): svc +1');
    flow.send('s', { topic: 'flushStore' });
    await flow.showsStatus('s', 'no mesh key: this Node-RED only');
  });

  it('says so of a consumer at another store that is busy, and not of a service that nobody offers', async () => {
    const port = await freePort();
    remote = await RemoteStore.open(port, []);
    const busy = remote.consumer({ inTransitLimit: 1 });
    const headers = [{ ip: '127.0.0.1', port: String(port), redistribute: 'false' }];
    flow = await TestFlow.start([
      storeNode('s', await freePort(), { headers }),
      producerNode('p', { notifyInterval: 1 }),
      producerNode('q', { producerConsumer: 'nobody' }),
    ]);
    const apart = 'Local(0) Global(1) legacy';
    await flow.showsStatus('s', apart);
    flow.send('q', { payload: 'for nobody' });
    await flow.showsStatus('q', 'M:1 N:0 R:0');
    flow.send('p', { payload: 'first' });
    const first = await busy.received.next();
    flow.send('p', { payload: 'second' });
    await flow.showsStatus('s', `${apart} parked (no room): svc`);
    await busy.consumer.reply(first.meta.messageId, 'done', undefined);
    await busy.received.next();
    await flow.showsStatus('s', apart);
  });
});
