import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { type FlowMessage, until } from '../support/outlet.js';
import { RemoteStore } from '../support/remote-store.js';
import { consumerNode, producerNode, storeNode, TestFlow } from '../support/test-flow.js';

describe('the registration and debug outputs of a store', () => {
  let flow: TestFlow;
  let remote: RemoteStore;
  let port: number;
  let north: number;
  beforeEach(async () => {
    [port, north] = [await freePort(), await freePort()];
    remote = await RemoteStore.open(north);
    const headers = [{ ip: '127.0.0.1', port: String(north), redistribute: 'false' }];
    flow = await TestFlow.start([
      storeNode('s', port, { headers, showRegistration: true, showDebug: true }),
      storeNode('only debug', await freePort(), { showDebug: true }),
      storeNode('neither', await freePort()),
      producerNode('p', { producerConsumer: 'far', notifyInterval: 0.2 }),
      consumerNode('c'),
      consumerNode('d', { consumerStoreName: 'mesh0:only debug' }),
      consumerNode('n', { consumerStoreName: 'mesh0:neither' }),
    ]);
    remote.consumer({ id: 'far consumer', service: 'far' });
    await flow.showsStatus('s', /^Local\(1\) Global\(2\)/);
  });
  afterEach(async () => {
    await flow.stop();
    await remote.close();
  });

  const told = async (action: string): Promise<FlowMessage> => {
    const find = (): FlowMessage | undefined =>
      flow.out('s', 'registration').messages.find((message) => message['action'] === action);
    await until(() => find() !== undefined, `${action} did not come`);
    const { _msgid, ...message } = find() ?? {};
    assert.equal(typeof _msgid, 'string');
    return message;
  };

  it('tell of a consumer of the store', async () => {
    const { notifyData, ...rest } = await told('notifyRegistration');
    assert.deepEqual(rest, {
      storeName: 'mesh0:s',
      action: 'notifyRegistration',
      function: 'notifyPeerStoreOfLocalConsumers',
    });
    const { consumer, notifyType } = notifyData as { consumer: FlowMessage; notifyType: string };
    assert.equal(notifyType, 'consumerRegistration');
    const { ttl, ...registration } = consumer;
    assert.ok(Number.isInteger(ttl));
    assert.deepEqual(registration, {
      localStoreName: 'mesh0:s',
      storeName: 'mesh0:s',
      serviceName: 'svc',
      consumerId: 'c',
      storeAddress: '127.0.0.1',
      storePort: String(port),
      transitAddress: '127.0.0.1',
      transitPort: String(port),
      direction: 'local',
      hopCount: 0,
    });
  });

  it('tell of an offer', async () => {
    const { redlinkMsgId } = flow.send('p', { payload: 1 });
    assert.deepEqual(await told('producerNotification'), {
      service: 'far',
      srcStoreAddress: '127.0.0.1',
      srcStorePort: String(port),
      redlinkMsgId,
      action: 'producerNotification',
      redlinkProducerId: 'p',
    });
  });

  it('tell of a peer that is lost and of its services; the status too, until it is back', async () => {
    await remote.vanish();
    flow.send('p', { payload: 1 });
    const lost = { storeName: 'mesh0:s', direction: 'north', notifyData: `127.0.0.1:${north}` };
    assert.deepEqual(await told('notifyDeletePeerConnection'), {
      ...lost,
      action: 'notifyDeletePeerConnection',
    });
    assert.deepEqual(await told('notifyDeletePeerConsumer'), {
      ...lost,
      action: 'notifyDeletePeerConsumer',
      serviceName: 'far',
    });
    const { data, ...rest } = await told('deleteConsumer');
    assert.deepEqual(rest, { storeName: 'mesh0:s', action: 'deleteConsumer', direction: 'north' });
    const { record, time } = data as { record: FlowMessage[]; time: number };
    assert.ok(Math.abs(time - Date.now()) < 60_000);
    assert.deepEqual(
      record.map((row) => [row['serviceName'], row['consumerId'], row['storeName']]),
      [['far', 'far consumer', 'mesh0:remote']],
    );
    await flow.showsStatus('s', 'lost north mesh0:remote');
    assert.deepEqual(flow.status('s'), {
      fill: 'yellow',
      shape: 'ring',
      text: 'lost north mesh0:remote',
    });
    const returned = await RemoteStore.open(north);
    try {
      await flow.showsStatus('s', /^Local\(1\) Global\(1\)/);
      returned.consumer({ id: 'far consumer', service: 'far' });
      await flow.showsStatus('s', /^Local\(1\) Global\(2\)/);
    } finally {
      await returned.close();
    }
  });

  it('have the place that is left by those not enabled', async () => {
    await flow.outNumber('only debug', 1).next();
    assert.ok(flow.out('s', 'debug').messages.length > 0);
    assert.deepEqual(flow.outNumber('only debug', 2).messages, []);
    for (const output of [1, 2]) assert.deepEqual(flow.outNumber('neither', output).messages, []);
  });
});
