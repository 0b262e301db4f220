import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { consumerNode, producerNode, storeNode, TestFlow } from '../support/test-flow.js';

describe('the destination of a producer', () => {
  let flow: TestFlow;
  before(async () => {
    flow = await TestFlow.start([
      storeNode('s', await freePort()),
      producerNode('topic', { producerConsumer: 'msg.topic' }),
      producerNode('blank', { producerConsumer: '' }),
      producerNode('fixed', { producerConsumer: 'a' }),
      producerNode('lost', { producerStoreName: 'mesh0:none' }),
      consumerNode('a', { name: 'a' }),
      consumerNode('b', { name: 'b' }),
    ]);
    flow.replying('a', () => ({ payload: 'from a' }));
    flow.replying('b', () => ({ payload: 'from b' }));
    await flow.showsStatus('a', 'N:0');
  });
  after(() => flow.stop());

  it('msg.topic: each message names its own service', async () => {
    flow.send('topic', { payload: 1, topic: 'b' });
    assert.equal((await flow.out('topic', 'receive').next())['payload'], 'from b');
    flow.send('topic', { payload: 1, topic: 'a' });
    assert.equal((await flow.out('topic', 'receive').next())['payload'], 'from a');
  });

  it('a service: the topic of a message changes nothing', async () => {
    flow.send('fixed', { payload: 1, topic: 'b' });
    assert.equal((await flow.out('fixed', 'receive').next())['payload'], 'from a');
  });

  const refused: readonly [string, string, Record<string, unknown>, string, string, string][] = [
    [
      'an unknown service in msg.topic',
      'topic',
      { payload: 1, topic: 'nosuch' },
      'Store mesh0:s does not know about service nosuch specified in msg.topic',
      'UNKNOWN_SERVICE',
      'mesh0:s',
    ],
    [
      'no service in msg.topic',
      'topic',
      { payload: 1 },
      'Blank service specified in msg.topic',
      'BLANK_SERVICE',
      'mesh0:s',
    ],
    [
      'no service in the producer',
      'blank',
      { payload: 1, topic: 'a' },
      'Blank service specified in producer',
      'BLANK_SERVICE',
      'mesh0:s',
    ],
    ['a store that there is not', 'lost', { payload: 1 }, 'No Store:mesh0:none', 'NO_STORE', 'mesh0:none'],
  ];
  for (const [what, id, message, error, code, producerStoreName] of refused) {
    it(`${what} is a failure at once, and the error of the message`, async () => {
      const sent = flow.send(id, { ...message, _msgid: `id of ${what}` });
      const failure = await flow.out(id, 'failure').next(1_000);
      const { originalMessage, ...fields } = failure;
      const consumerName = { topic: 'msg.topic', blank: '', lost: 'svc' }[id];
      assert.deepEqual(fields, {
        producerName: id,
        producerId: id,
        producerStoreName,
        consumerName,
        action: 'producerSend',
        error,
        redlinkMsgId: sent['redlinkMsgId'],
        code,
        read: false,
        _msgid: `id of ${what}`,
      });
      assert.deepEqual(originalMessage, sent);
      const errors = flow.caught().filter(({ original }) => original['_msgid'] === `id of ${what}`);
      assert.deepEqual(
        errors.map(({ message, source }) => [message, source]),
        [[`RedlinkError: ${error}`, id]],
      );
      const completed = flow.completed.messages.filter((one) => one['_msgid'] === `id of ${what}`);
      assert.deepEqual(completed, []);
    });
  }
});
