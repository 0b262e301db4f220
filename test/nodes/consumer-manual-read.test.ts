import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { pause } from '../support/outlet.js';
import { consumerNode, producerNode, storeNode, TestFlow } from '../support/test-flow.js';

describe('manual read of messages', () => {
  let flow: TestFlow;
  beforeEach(async () => {
    flow = await TestFlow.start([
      storeNode('s', await freePort()),
      producerNode('p', { notifyInterval: 0.2 }),
      consumerNode('m', { manualReadReceiveSend: true, intransit: 3, reNotifyInterval: '0.2' }),
      consumerNode('auto', { name: 'auto' }),
    ]);
    await flow.showsStatus('m', 'N:0');
  });
  afterEach(() => flow.stop());

  const send = (payload: unknown): string => String(flow.send('p', { payload })['redlinkMsgId']);
  const notified = (id: string): number[] =>
    flow
      .out('m', 'notify')
      .messages.filter((notify) => notify['redlinkMsgId'] === id)
      .map((notify) => Number(notify['notifyCount']));

  it('notifies each waiting message, again every re-notify interval, counting', async () => {
    const [one, two] = [send('one'), send('two')];
    await flow.out('m', 'notify').count(6);
    assert.deepEqual(notified(one).slice(0, 3), [1, 2, 3]);
    assert.deepEqual(notified(two).slice(0, 3), [1, 2, 3]);
    assert.equal(flow.statusText('m'), 'N:2');
    assert.deepEqual(flow.out('m', 'receive').messages, []);
  });

  it('notifies no more what is read', async () => {
    const id = send('one');
    await flow.out('m', 'notify').next();
    flow.send('m', { topic: 'read', redlinkMsgId: id });
    const read = await flow.out('m', 'receive').next();
    assert.equal(read['notifyCount'], 1);
    const before = notified(id).length;
    await pause(500);
    assert.equal(notified(id).length, before);
    await flow.showsStatus('m', 'N:0');
  });

  for (const topic of ['read', 'READ', 'consumerread', 'consumerRead']) {
    it(`"${topic}" with an id gives that message, without one the oldest`, async () => {
      const ids = ['one', 'two', 'three'].map(send);
      await flow.out('m', 'notify').count(3);
      flow.send('m', { topic, redlinkMsgId: ids[1] });
      assert.equal((await flow.out('m', 'receive').next())['payload'], 'two');
      flow.send('m', { topic });
      assert.equal((await flow.out('m', 'receive').next())['payload'], 'one');
    });
  }

  it('fails for an unknown id, and where nothing waits', async () => {
    flow.send('m', { topic: 'read', redlinkMsgId: 'nobody' });
    const unknown = await flow.out('m', 'failure').next();
    assert.deepEqual(
      [unknown['action'], unknown['error'], unknown['redlinkMsgId'], unknown['code']],
      ['consumerRead', 'Message metadata not received', 'nobody', 'NOT_ASSIGNED'],
    );
    flow.send('m', { topic: 'read' });
    const nothing = await flow.out('m', 'failure').next();
    assert.deepEqual(
      [nothing['action'], nothing['error'], nothing['redlinkMsgId'], nothing['code']],
      [
        'consumerReadWithoutId',
        'Store mesh0:s does not have notifies for this consumer',
        null,
        'NOTHING_WAITING',
      ],
    );
  });

  it('fails while automatic read is on', async () => {
    flow.send('auto', { topic: 'read' });
    const failure = await flow.out('auto', 'failure').next();
    assert.deepEqual(
      [failure['action'], failure['error'], failure['code']],
      ['consumerRead', 'Attempt to manually read message when consumer set to auto read', 'WRONG_READ_MODE'],
    );
    assert.equal(flow.caught().length, 1);
  });

  it('counts what is notified or read and not answered against the in-transit limit', async () => {
    for (let sent = 0; sent < 5; sent += 1) send(sent);
    await flow.showsStatus('m', 'N:3');
    flow.send('m', { topic: 'read' });
    const { redlinkMsgId } = await flow.out('m', 'receive').next();
    await pause(500);
    assert.equal(flow.statusText('m'), 'N:2');
    flow.send('m', { redlinkMsgId, payload: 'answer' });
    assert.equal((await flow.out('p', 'receive').next())['payload'], 'answer');
    await flow.showsStatus('m', 'N:3');
  });
});
