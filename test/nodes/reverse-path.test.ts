import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { RemoteStore, type RemoteConsumer } from '../support/remote-store.js';
import { producerNode, storeNode, TestFlow } from '../support/test-flow.js';

describe('enforceReversePath', () => {
  let flow: TestFlow;
  let remote: RemoteStore;
  let consumer: RemoteConsumer;
  let paths: boolean[];
  before(async () => {
    const [own, transit, far] = [await freePort(), await freePort(), await freePort()];
    remote = await RemoteStore.open(far);
    consumer = remote.consumer();
    const north = (port: number): object => ({
      headers: [{ ip: '127.0.0.1', port: String(port), redistribute: 'true' }],
    });
    flow = await TestFlow.start([
      storeNode('s', own, { ...north(transit) }),
      storeNode('transit', transit, { ...north(far) }),
      producerNode('along', { enforceReversePath: true }),
      producerNode('straight', { enforceReversePath: false }),
      producerNode('old'),
    ]);
    await flow.showsStatus('s', /^Local\(0\) Global\(1\)/);
    paths = [];
    remote.store.engine.notifies.onInsert((row) => paths.push(row.reversePath));
  });
  after(async () => {
    await flow.stop();
    await remote.close();
  });

  const cases: readonly [string, string, Record<string, unknown>, boolean][] = [
    ['is on where an old flow lacks the property', 'old', {}, true],
    ['is taken from the property: on', 'along', {}, true],
    ['is taken from the property: off', 'straight', {}, false],
    ['is overridden by msg.enforceReversePath: off', 'along', { enforceReversePath: false }, false],
    ['is overridden by msg.enforceReversePath: on', 'straight', { enforceReversePath: true }, true],
    [
      'is overridden by msg.enforceReturnPath, its name in the old documentation',
      'along',
      { enforceReturnPath: false },
      false,
    ],
    [
      'is taken from msg.enforceReversePath where a message has both',
      'along',
      { enforceReversePath: true, enforceReturnPath: false },
      true,
    ],
    ['is overridden for that message alone', 'along', {}, true],
  ];
  for (const [what, id, override, expected] of cases) {
    it(`${what}; read and reply find their way`, async () => {
      const { redlinkMsgId } = flow.send(id, { payload: what, ...override });
      const received = await consumer.received.next();
      assert.equal(received.meta.messageId, redlinkMsgId);
      assert.equal(received.meta.reversePath, expected);
      assert.equal(paths.at(-1), expected);
      await consumer.consumer.reply(received.meta.messageId, 'back', undefined);
      assert.equal((await flow.out(id, 'receive').next())['payload'], 'back');
    });
  }
});
