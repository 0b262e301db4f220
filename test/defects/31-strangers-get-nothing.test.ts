import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { postJson } from '../support/hand-made.js';
import { until } from '../support/outlet.js';
import { RemoteStore } from '../support/remote-store.js';

const codec = (value: unknown): string => Buffer.from(JSON.stringify(value), 'utf16le').toString('base64');

describe('DEFECTS 31: a stranger', () => {
  let near: RemoteStore;
  let far: RemoteStore;
  let [nearPort, farPort] = [0, 0];
  beforeEach(async () => {
    [nearPort, farPort] = [await freePort(), await freePort()];
    far = await RemoteStore.open(farPort, [], { name: 'mesh0:far' });
    near = await RemoteStore.open(nearPort, [farPort], { name: 'mesh0:near' });
  });
  afterEach(async () => {
    await near.close();
    await far.close();
  });

  const read = (messageId: string, consumerId: string): Promise<{ text: string }> =>
    postJson(nearPort, '/read-message', {
      redlinkMsgId: messageId,
      notifyPath: codec([]),
      redlinkProducerId: 'remote-producer',
      consumerId,
      consumerService: 'svc',
      consumerStoreName: 'mesh0:far',
      readDelay: 1,
      enm: '0',
    });
  const reply = (messageId: string, consumerId: string, storeName: string): Promise<{ text: string }> =>
    postJson(nearPort, '/reply-message', {
      redlinkProducerId: 'remote-producer',
      replyingService: 'svc',
      replyingServiceId: consumerId,
      replyingStoreName: storeName,
      redlinkMsgId: messageId,
      replyDelay: 1,
      payload: codec('forged'),
      notifyPath: codec([]),
      enm: '0',
      cerror: '',
    });

  it('cannot read a queued message, nor one that is assigned to another', async () => {
    const producer = near.producer({ service: 'nobody' });
    producer.send('secret');
    assert.match((await read('remote1', 'remote-consumer')).text, /"status":404/);
    far.consumer({ manualRead: true });
    near.producer().send('secret');
    await until(() => far.store.engine.notifies.size === 1, 'the message was not assigned');
    assert.match((await read('remote2', 'another')).text, /"status":404/);
    assert.doesNotMatch((await read('remote2', 'another')).text, /secret/);
  });

  it('cannot answer for the consumer', async () => {
    const consumer = far.consumer();
    const producer = near.producer();
    producer.send('work');
    const { meta } = await consumer.received.next();
    await reply(meta.messageId, 'another', 'mesh0:far');
    await reply(meta.messageId, 'remote-consumer', 'mesh0:other');
    await consumer.consumer.reply(meta.messageId, 'honest', undefined);
    const { payload } = await producer.replies.next();
    assert.equal(payload, 'honest');
  });

  it('cannot answer as the consumer before that has read the message', async () => {
    const consumer = far.consumer({ manualRead: true });
    const producer = near.producer();
    // Too large to go inside the offer: it stays unread until somebody asks for it.
    producer.send('x'.repeat(20_000));
    await until(() => far.store.engine.notifies.size === 1, 'the message was not assigned');
    await reply('remote1', 'remote-consumer', 'mesh0:far');
    assert.equal(producer.replies.messages.length, 0);
    await consumer.consumer.read('remote1');
    await consumer.received.next();
    await consumer.consumer.reply('remote1', 'honest', undefined);
    const { payload } = await producer.replies.next();
    assert.equal(payload, 'honest');
  });

  it('cannot make a consumer work: a confirmation counts only for an offer that was answered', async () => {
    const consumer = far.consumer();
    const path = [
      { store: 'mesh0:evil', address: '127.0.0.1', port: '9', enforceReversePath: false },
      { store: 'mesh0:far', address: '127.0.0.1', port: String(farPort), enforceReversePath: false },
    ];
    const answer = await postJson(farPort, '/notify', {
      notifyType: 'confirmNotification',
      service: 'svc',
      srcStoreName: 'mesh0:evil',
      srcStoreAddress: '127.0.0.1',
      srcStorePort: '9',
      transitAddress: '127.0.0.1',
      transitPort: '9',
      notifyPath: path,
      tempPath: path.slice(1),
      sendersHopCount: 1,
      redlinkMsgId: 'forged',
      redlinkProducerId: 'p',
      enforceReversePath: false,
      consumerId: 'remote-consumer',
    });
    assert.match(answer.text, /"status":404/);
    assert.equal(far.store.engine.notifies.size, 0);
    assert.equal(consumer.received.messages.length, 0);
  });
});
