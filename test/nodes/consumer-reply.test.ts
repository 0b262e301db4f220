import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { pause } from '../support/outlet.js';
import { consumerNode, producerNode, storeNode, TestFlow } from '../support/test-flow.js';

describe('the replies of a consumer', () => {
  let flow: TestFlow;
  beforeEach(async () => {
    flow = await TestFlow.start([
      storeNode('s', await freePort()),
      producerNode('p'),
      producerNode('short', { producerETT: 0.3 }),
      producerNode('once', { sendOnly: true }),
      producerNode('by hand', { producerConsumer: 'manual' }),
      consumerNode('c', { intransit: 10 }),
      consumerNode('m', { name: 'manual', manualReadReceiveSend: true }),
      consumerNode('lost', { consumerStoreName: 'mesh0:none' }),
    ]);
    await flow.showsStatus('c', 'N:0');
  });
  afterEach(() => flow.stop());

  const refused = async (id: string, error: string, code: string, redlinkMsgId: unknown): Promise<void> => {
    const { _msgid, ...failure } = await flow.out(id, 'failure').next();
    assert.equal(typeof _msgid, 'string');
    assert.deepEqual(failure, {
      storeName: id === 'lost' ? 'mesh0:none' : 'mesh0:s',
      consumerName: id === 'm' ? 'manual' : 'svc',
      consumerId: id,
      action: 'consumerReply',
      error,
      redlinkMsgId,
      code,
    });
    await pause(50);
    assert.deepEqual(
      flow.caught().map(({ message, source }) => [message, source]),
      [[`RedlinkError: ${error}`, id]],
    );
  };

  it('without an id are failures', async () => {
    flow.send('c', { payload: 'to whom?' });
    await refused('c', 'Missing redlinkMsgId', 'NO_MESSAGE_ID', '');
  });

  it('to an unknown id are failures', async () => {
    flow.send('c', { redlinkMsgId: 'nobody', payload: 1 });
    await refused('c', 'Message nobody was not given to this consumer', 'NOT_ASSIGNED', 'nobody');
  });

  it('to a message of another consumer are failures', async () => {
    const id = flow.send('p', { payload: 1 })['redlinkMsgId'];
    await flow.out('c', 'receive').next();
    flow.send('m', { redlinkMsgId: id, payload: 'forged' });
    await refused('m', `Message ${String(id)} was not given to this consumer`, 'NOT_ASSIGNED', id);
    assert.deepEqual(flow.out('p', 'receive').messages, []);
  });

  it('before the read are failures', async () => {
    const id = flow.send('by hand', { payload: 1 })['redlinkMsgId'];
    await flow.out('m', 'notify').next();
    flow.send('m', { redlinkMsgId: id, payload: 'too early' });
    await refused('m', `Message ${String(id)} was not read yet`, 'NOT_READ_YET', id);
  });

  it('to a sendOnly message are failures', async () => {
    const id = flow.send('once', { payload: 1 })['redlinkMsgId'];
    await flow.out('c', 'receive').next();
    flow.send('c', { redlinkMsgId: id, payload: 1 });
    await refused('c', 'Attempt to reply to a sendOnly message', 'SEND_ONLY', id);
  });

  it('that come second are failures, and the first stands', async () => {
    const id = flow.send('p', { payload: 1 })['redlinkMsgId'];
    await flow.out('c', 'receive').next();
    flow.send('c', { redlinkMsgId: id, payload: 'first' });
    flow.send('c', { redlinkMsgId: id, payload: 'second' });
    await refused('c', `Message ${String(id)} was replied already`, 'SECOND_REPLY', id);
    assert.equal((await flow.out('p', 'receive').next())['payload'], 'first');
    assert.equal(flow.out('p', 'receive').messages.length, 1);
  });

  it('after the deadline are failures', async () => {
    const id = flow.send('short', { payload: 1 })['redlinkMsgId'];
    await flow.out('short', 'failure').next();
    const before = flow.caught().length;
    flow.send('c', { redlinkMsgId: id, payload: 'late' });
    const failure = await flow.out('c', 'failure').next();
    assert.equal(failure['code'], 'REPLY_EXPIRED');
    await pause(50);
    assert.equal(flow.caught().length, before + 1);
  });

  it('that cannot be sent are failures, and the message can still be answered', async () => {
    const id = flow.send('p', { payload: 1 })['redlinkMsgId'];
    await flow.out('c', 'receive').next();
    flow.send('c', { redlinkMsgId: id, payload: 1n });
    const failure = await flow.out('c', 'failure').next();
    assert.equal(failure['code'], 'NOT_SERIALISABLE');
    flow.send('c', { redlinkMsgId: id, payload: 'better' });
    assert.equal((await flow.out('p', 'receive').next())['payload'], 'better');
  });

  it('of a consumer without a store are failures', async () => {
    flow.send('lost', { redlinkMsgId: 'x', payload: 1 });
    await refused('lost', 'No mesh0:none', 'NO_STORE', 'x');
    assert.deepEqual(flow.status('lost'), { fill: 'red', shape: 'ring', text: 'Error: No mesh0:none' });
  });

  it('are done() once, when they are taken', async () => {
    const id = flow.send('p', { payload: 1 })['redlinkMsgId'];
    await flow.out('c', 'receive').next();
    flow.send('c', { redlinkMsgId: id, payload: 'x', _msgid: 'reply' });
    await flow.out('p', 'receive').next();
    await pause(50);
    assert.equal(flow.completed.messages.filter((message) => message['_msgid'] === 'reply').length, 1);
    assert.deepEqual(flow.caught(), []);
  });

  it('with a blank cerror are replies, with any other failures at the producer', async () => {
    for (const [cerror, output] of [
      ['', 'receive'],
      ['no', 'failure'],
      [0, 'failure'],
    ] as const) {
      const id = flow.send('p', { payload: 1 })['redlinkMsgId'];
      await flow.out('c', 'receive').next();
      flow.send('c', { redlinkMsgId: id, payload: 'x', cerror });
      assert.equal((await flow.out('p', output).next())['redlinkMsgId'], id);
    }
  });
});
