import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { pause, until } from '../support/outlet.js';
import { consumerNode, producerNode, storeNode, TestFlow } from '../support/test-flow.js';

/** How exactly the time limit is kept, ms (DEFECTS 15). */
const PRECISION_MS = 250;

describe('the failures of a producer', () => {
  let flow: TestFlow;
  before(async () => {
    flow = await TestFlow.start([
      storeNode('s', await freePort()),
      producerNode('asks', { producerETT: '0.5' }),
      producerNode('tells', { producerETT: 0.5, sendOnly: true, producerConsumer: 'nobody' }),
      producerNode('unread', { producerETT: 0.5, producerConsumer: 'nobody', priority: 3 }),
      producerNode('patient', { producerETT: -1, producerConsumer: 'nobody' }),
      consumerNode('c', { intransit: 10 }),
    ]);
    await flow.showsStatus('c', 'N:0');
  });
  after(() => flow.stop());

  it('a message that nobody read in time: the row, the whole message, and that it is safe to send again', async () => {
    const begun = performance.now();
    const sent = flow.send('unread', {
      payload: { a: 1 },
      preserved: { keep: 0 },
      other: 'field',
      _msgid: 'x1',
    });
    const failure = await flow.out('unread', 'failure').next();
    const took = performance.now() - begun;
    assert.ok(took >= 500 && took < 500 + PRECISION_MS, `${took} ms`);
    const { originalMessage, message, ...fields } = failure;
    assert.deepEqual(fields, {
      producerName: 'unread',
      producerId: 'unread',
      producerStoreName: 'mesh0:s',
      consumerName: 'nobody',
      action: 'producerTimeout',
      error: `Message ${String(sent['redlinkMsgId'])} not read and processed in 0.5 seconds`,
      redlinkMsgId: sent['redlinkMsgId'],
      code: 'TIMED_OUT',
      read: false,
      _msgid: 'x1',
    });
    const { timestamp, lifetime, timeSinceNotify, ...row } = originalMessage as Record<string, unknown>;
    assert.ok(Math.abs(Date.now() - Number(timestamp)) < 60_000);
    for (const ageS of [lifetime, timeSinceNotify]) assert.ok(ageS === 0 || ageS === 1, `${String(ageS)} s`);
    assert.deepEqual(row, {
      redlinkMsgId: sent['redlinkMsgId'],
      storeName: 'mesh0:s',
      serviceName: 'nobody',
      read: false,
      sendOnly: false,
      redlinkProducerId: 'unread',
      preserved: { keep: 0 },
      priority: 3,
      isLargeMessage: false,
      enforceReversePath: true,
      consumerId: '',
      payload: { a: 1 },
    });
    assert.deepEqual(message, sent);
  });

  it('a message that was read and not answered in time: the failure says that it was read', async () => {
    const sent = flow.send('asks', { payload: 'ask' });
    const failure = await flow.out('asks', 'failure').next();
    assert.equal(failure['read'], true);
    assert.equal(
      failure['error'],
      `Message ${String(sent['redlinkMsgId'])} not read and processed in 0.5 seconds`,
    );
    assert.equal((failure['originalMessage'] as Record<string, unknown>)['consumerId'], 'c');
    assert.equal(flow.out('c', 'receive').messages.length, 1);
  });

  it('of a sendOnly producer leave by its first output', async () => {
    const sent = flow.send('tells', { payload: 'tell' });
    const failure = await flow.outNumber('tells', 0).next();
    assert.equal(failure['error'], `Message ${String(sent['redlinkMsgId'])} not read in 0.5 seconds`);
    assert.equal(failure['read'], false);
  });

  it('after acceptance are an error of the message too, but no second done()', async () => {
    flow.send('unread', { payload: 1, _msgid: 'late failure' });
    await flow.out('unread', 'failure').count(2);
    await until(() => mine(flow.caught().map(({ original }) => original)).length > 0, 'no error was raised');
    assert.equal(mine(flow.caught().map(({ original }) => original)).length, 1);
    assert.equal(mine(flow.completed.messages).length, 1);
    function mine(messages: readonly Record<string, unknown>[]): unknown[] {
      return messages.filter((message) => message['_msgid'] === 'late failure');
    }
  });

  it('with an ETT of -1 never come', async () => {
    flow.send('patient', { payload: 'wait' });
    await pause(1_200);
    assert.deepEqual(flow.out('patient', 'failure').messages, []);
    assert.equal(flow.statusText('patient'), 'M:1 N:0 R:0');
  });

  for (const [what, payload, code] of [
    ['a circle', circle(), 'NOT_SERIALISABLE'],
    ['a BigInt', 1n, 'NOT_SERIALISABLE'],
    ['a payload too large', new Array<string>(60_000).fill('x'.repeat(10_000)), 'MESSAGE_TOO_LARGE'],
  ] as const) {
    it(`${what} cannot be sent: failure output with a reason, and done(err)`, async () => {
      const sent = flow.out('asks', 'failure').messages.length;
      flow.send('asks', { payload, _msgid: `id of ${what}` });
      const failure = (await flow.out('asks', 'failure').count(sent + 1)).at(-1);
      assert.equal(failure?.['action'], 'producerSend');
      assert.equal(failure['code'], code);
      assert.equal(failure['_msgid'], `id of ${what}`);
      await until(
        () => flow.caught().some(({ original }) => original['_msgid'] === `id of ${what}`),
        'no error',
      );
    });
  }
});

function circle(): object {
  const ring: Record<string, unknown> = {};
  ring['ring'] = ring;
  return ring;
}
