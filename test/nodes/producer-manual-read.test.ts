import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { pause } from '../support/outlet.js';
import { consumerNode, producerNode, storeNode, TestFlow } from '../support/test-flow.js';

describe('manual read of replies', () => {
  let flow: TestFlow;
  beforeEach(async () => {
    flow = await TestFlow.start([
      storeNode('s', await freePort()),
      producerNode('p', { manualRead: true, notifyInterval: '0.2', rateTypeSendReceive: 'rateLimit' }),
      producerNode('auto'),
      consumerNode('c', { intransit: 10 }),
    ]);
    flow.replying('c');
    await flow.showsStatus('c', 'N:0');
  });
  afterEach(() => flow.stop());

  const send = (payload: unknown): string => String(flow.send('p', { payload })['redlinkMsgId']);

  it('notifies at once and every notify interval, with the count of waiting replies and the oldest id', async () => {
    const first = send('one');
    assert.deepEqual(withoutMsgid(await flow.out('p', 'notify').next()), {
      producerName: 'p',
      redlinkProducerId: 'p',
      redlinkMsgId: first,
      notifyType: 'producerReplyNotification',
      replyCount: 1,
    });
    send('two');
    await flow.showsStatus('p', 'M:0 N:0 R:2');
    const [, second, third] = await flow.out('p', 'notify').count(3);
    assert.deepEqual([second?.['replyCount'], third?.['replyCount']], [2, 2]);
    assert.equal(third?.['redlinkMsgId'], first);
    assert.deepEqual(flow.out('p', 'receive').messages, []);
  });

  it('notifies no more once everything is read', async () => {
    send('one');
    await flow.out('p', 'notify').next();
    flow.send('p', { topic: 'read' });
    await flow.out('p', 'receive').next();
    const told = flow.out('p', 'notify').messages.length;
    await pause(500);
    assert.ok(flow.out('p', 'notify').messages.length <= told + 1);
  });

  it('gives the reply of an id, or the oldest; the rate limit is not used', async () => {
    const ids = ['one', 'two', 'three'].map(send);
    await flow.showsStatus('p', 'M:0 N:0 R:3');
    flow.send('p', { topic: 'read', redlinkMsgId: ids[1] });
    flow.send('p', { topic: 'producerReplyRead' });
    flow.send('p', { topic: 'read' });
    const read = await flow.out('p', 'receive').count(3, 1_000);
    assert.deepEqual(
      read.map((message) => message['payload']),
      ['two', 'one', 'three'],
    );
  });

  it('gives a reply once: the second read of it, and a read of nothing, give nothing', async () => {
    const id = send('one');
    await flow.showsStatus('p', 'M:0 N:0 R:1');
    flow.send('p', { topic: 'read', redlinkMsgId: id });
    flow.send('p', { topic: 'read', redlinkMsgId: id });
    flow.send('p', { topic: 'read' });
    await pause(200);
    assert.equal(flow.out('p', 'receive').messages.length, 1);
    assert.equal(flow.out('c', 'receive').messages.length, 1);
  });

  for (const topic of ['read', 'producerReplyRead']) {
    it(`is off: "${topic}" is never sent, nothing comes out, and done(err) says why`, async () => {
      flow.send('auto', { topic, payload: 'x', _msgid: topic });
      await pause(200);
      assert.deepEqual(flow.out('c', 'receive').messages, []);
      for (const output of [0, 1, 2]) assert.deepEqual(flow.outNumber('auto', output).messages, []);
      assert.deepEqual(
        flow.caught().map(({ message, source }) => [message, source]),
        [['RedlinkError: Attempt to manually read a reply when producer set to auto read', 'auto']],
      );
    });
  }
});

function withoutMsgid({ _msgid, ...fields }: Record<string, unknown>): Record<string, unknown> {
  assert.equal(typeof _msgid, 'string');
  return fields;
}
