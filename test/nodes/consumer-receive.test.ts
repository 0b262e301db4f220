import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { RemoteStore } from '../support/remote-store.js';
import { consumerNode, producerNode, storeNode, TestFlow } from '../support/test-flow.js';

describe('what a consumer receives', () => {
  let flow: TestFlow;
  let port: number;
  before(async () => {
    port = await freePort();
    flow = await TestFlow.start([
      storeNode('s', port),
      producerNode('p', { enforceReversePath: false }),
      producerNode('once', { sendOnly: true }),
      consumerNode('c', { intransit: 4, showDebugReceiveSend: true }),
    ]);
    await flow.showsStatus('s', /^Local\(1\) Global\(1\)/);
  });
  after(() => flow.stop());

  it('is a notify first, then the message: fields and types of 3.0.5', async () => {
    const { redlinkMsgId } = flow.send('p', { payload: { n: 1 }, topic: 'a topic', other: true });
    const { _msgid, ...notify } = await flow.out('c', 'notify').next();
    assert.equal(typeof _msgid, 'string');
    assert.deepEqual(notify, {
      redlinkMsgId,
      notifyType: 'producerNotification',
      src: { redlinkProducerId: 'p', storeName: 'mesh0:s', storeAddress: `127.0.0.1:${port}` },
      dest: { storeName: 'mesh0:s', serviceName: 'svc', consumer: 'c' },
      path: [{ store: 'mesh0:s', address: '127.0.0.1', port: String(port), enforceReversePath: false }],
      notifyCount: 1,
    });
    const received = await flow.out('c', 'receive').next();
    const { notifyReadDelay, readTransport, request, ...receive } = received;
    assert.deepEqual(receive, {
      _msgid: received['_msgid'],
      redlinkMsgId,
      consumerName: 'svc',
      consumerId: 'c',
      consumerStoreName: 'mesh0:s',
      action: 'consumerRead',
      direction: 'inBound',
      redlinkProducerId: 'p',
      producerStoreName: 'mesh0:s',
      sendOnly: 'false',
      error: false,
      enm: '25',
      notifyCount: 0,
      payload: { n: 1 },
    });
    assert.ok(Number.isInteger(notifyReadDelay) && Number.isInteger(readTransport));
    const { payload, topic, other } = request as Record<string, unknown>;
    assert.deepEqual({ payload, topic, other }, { payload: { n: 1 }, topic: 'a topic', other: true });
  });

  it('shows on the debug output, where it is enabled', async () => {
    const { redlinkMsgId } = flow.send('once', { payload: 1 });
    await flow.out('c', 'receive').next();
    const debug = flow.out('c', 'debug').messages.at(-1);
    assert.equal((debug?.['data'] as Record<string, unknown>)['redlinkMsgId'], redlinkMsgId);
  });

  it('of a sendOnly message says so, and its place is free at once', async () => {
    for (let sent = 0; sent < 8; sent += 1) flow.send('once', { payload: sent });
    const received = (await flow.out('c', 'receive').count(10)).slice(-8);
    assert.deepEqual(
      received.map((message) => message['sendOnly']),
      new Array(8).fill('true'),
    );
  });

  it('from another store, over the wire, names that store and the way', async () => {
    const own = await freePort();
    const remote = await RemoteStore.open(own, [port]);
    try {
      const producer = remote.producer();
      producer.send('from afar');
      const count = flow.out('c', 'receive').messages.length;
      const received = (await flow.out('c', 'receive').count(count + 1)).at(-1);
      const notify = flow.out('c', 'notify').messages.at(-1);
      assert.equal(received?.['payload'], 'from afar');
      assert.equal(received['producerStoreName'], 'mesh0:remote');
      assert.deepEqual(notify?.['src'], {
        redlinkProducerId: 'remote-producer',
        storeName: 'mesh0:remote',
        storeAddress: `127.0.0.1:${own}`,
      });
      assert.deepEqual(
        (notify['path'] as { store: string }[]).map(({ store }) => store),
        ['mesh0:remote', 'mesh0:s'],
      );
      flow.send('c', { redlinkMsgId: received['redlinkMsgId'], payload: 'back' });
      assert.equal((await producer.replies.next()).payload, 'back');
    } finally {
      await remote.close();
    }
  });
});
