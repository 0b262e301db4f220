import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { pause } from '../support/outlet.js';
import { consumerNode, producerNode, storeNode, TestFlow } from '../support/test-flow.js';

describe('the replies of a producer', () => {
  let flow: TestFlow;
  before(async () => {
    flow = await TestFlow.start([
      storeNode('s', await freePort()),
      producerNode('p', { showDebug: true }),
      producerNode('once', { sendOnly: true }),
      producerNode('low', { producerConsumer: 'one at a time', priority: '0' }),
      producerNode('high', { producerConsumer: 'one at a time', priority: '7' }),
      consumerNode('c', { intransit: 10 }),
      consumerNode('slow', { name: 'one at a time', intransit: 1 }),
    ]);
    flow.replying('c', (message) => message['payload'] as Record<string, unknown>);
    await flow.showsStatus('c', 'N:0');
  });
  after(() => flow.stop());

  it('receive gives the reply, the ids, what was preserved and the _msgid of the message that went in', async () => {
    const sent = flow.send('p', { payload: { payload: 'answer' }, preserved: { a: [1] }, _msgid: 'in' });
    assert.deepEqual(await flow.out('p', 'receive').next(), {
      payload: 'answer',
      redlinkMsgId: sent['redlinkMsgId'],
      redlinkProducerId: 'p',
      preserved: { a: [1] },
      _msgid: 'in',
    });
  });

  it('debug tells of the reply, where it is enabled', async () => {
    const told = flow.out('p', 'debug').messages.length;
    const sent = flow.send('p', { payload: { payload: 'x' } });
    await flow.out('p', 'receive').next();
    const debug = (await flow.out('p', 'debug').count(told + 1)).at(-1);
    assert.equal((debug?.['data'] as Record<string, unknown>)['redlinkMsgId'], sent['redlinkMsgId']);
  });

  for (const preserved of [0, false, '', null]) {
    it(`preserved ${JSON.stringify(preserved)} comes back as it is`, async () => {
      flow.send('p', { payload: { payload: 1 }, preserved });
      assert.equal((await flow.out('p', 'receive').next())['preserved'], preserved);
    });
  }

  it('nothing preserved comes back as the empty text, as from 3.0.5', async () => {
    flow.send('p', { payload: { payload: 1 } });
    assert.equal((await flow.out('p', 'receive').next())['preserved'], '');
  });

  it('a cerror leaves by the failure output, with the fields of receive, and raises no error', async () => {
    const sent = flow.send('p', {
      payload: { payload: { ok: 1 }, cerror: { why: 'bad' } },
      preserved: 'kept',
      _msgid: 'with cerror',
    });
    assert.deepEqual(await flow.out('p', 'failure').next(), {
      payload: { ok: 1 },
      redlinkMsgId: sent['redlinkMsgId'],
      redlinkProducerId: 'p',
      preserved: 'kept',
      cerror: { why: 'bad' },
      _msgid: 'with cerror',
    });
    await pause(100);
    assert.ok(!flow.caught().some(({ original }) => original['_msgid'] === 'with cerror'));
  });

  it('done() is called once, when the message is accepted', async () => {
    flow.send('p', { payload: { payload: 1 }, _msgid: 'accepted' });
    await flow.out('p', 'receive').next();
    await pause(100);
    const calls = flow.completed.messages.filter((message) => message['_msgid'] === 'accepted');
    assert.equal(calls.length, 1);
  });

  it('a sendOnly message is done with its read: no reply, no failure, nothing kept', async () => {
    const sent = flow.send('once', { payload: { payload: 'ignored' }, preserved: 'x' });
    const received = await flow.out('c', 'receive').count(1);
    await flow.showsStatus('once', 'M:0 N:0 R:0');
    await flow.out('c', 'failure').count(1);
    const read = received.find((one) => one['redlinkMsgId'] === sent['redlinkMsgId']);
    assert.equal(read?.['sendOnly'], 'true');
    assert.deepEqual(flow.outNumber('once', 0).messages, []);
    flow.send('s', { topic: 'listStore' });
    assert.deepEqual((await flow.out('s', 'command').next())['messages'], []);
  });

  it('higher priority is served first', async () => {
    flow.send('low', { payload: 'takes the place' });
    const first = await flow.out('slow', 'receive').next();
    for (const text of ['low 1', 'low 2']) flow.send('low', { payload: text });
    for (const text of ['high 1', 'high 2']) flow.send('high', { payload: text });
    // Accepted means written down, which takes a moment.
    await flow.showsStatus('high', 'M:2 N:0 R:0');
    flow.replying('slow');
    flow.send('slow', { redlinkMsgId: first['redlinkMsgId'], payload: 'done' });
    const order = (await flow.out('slow', 'receive').count(5)).map((message) => message['payload']);
    assert.deepEqual(order, ['takes the place', 'high 1', 'high 2', 'low 1', 'low 2']);
  });
});
