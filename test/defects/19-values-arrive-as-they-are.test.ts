import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { RemoteStore } from '../support/remote-store.js';
import { consumerNode, producerNode, storeNode, TestFlow } from '../support/test-flow.js';

const VALUES: readonly [string, unknown][] = [
  ['0', 0],
  ['false', false],
  ['the empty text', ''],
  ['null', null],
  ['nothing', undefined],
  ['a Buffer', Buffer.from([0, 1, 254, 255])],
  ['a Date', new Date(1_700_000_000_000)],
  [
    'Buffers and Dates inside',
    { list: [Buffer.from('b'), new Date(0)], plain: { type: 'Buffer', data: [1] } },
  ],
];

describe('DEFECTS 19: values arrive as they are', () => {
  it('within one store, as payload, as reply and as preserved', async () => {
    const flow = await TestFlow.start([
      storeNode('s', await freePort()),
      producerNode('p'),
      consumerNode('c'),
    ]);
    try {
      flow.replying('c', (message) => ({ payload: message['payload'] }));
      await flow.showsStatus('c', 'N:0');
      for (const [what, value] of VALUES) {
        flow.send('p', { payload: value, preserved: value });
        assert.deepEqual((await flow.out('c', 'receive').next())['payload'], value, what);
        const reply = await flow.out('p', 'receive').next();
        assert.deepEqual(reply['payload'], value, what);
        // Nothing preserved comes back as the empty text, as ever.
        assert.deepEqual(reply['preserved'], value ?? (value === null ? null : ''), what);
      }
    } finally {
      await flow.stop();
    }
  });

  it('between two stores over the wire, as payload and as reply', async () => {
    const [near, far] = [await freePort(), await freePort()];
    const remote = await RemoteStore.open(far);
    const { consumer, received } = remote.consumer();
    const flow = await TestFlow.start([
      storeNode('s', near, { headers: [{ ip: '127.0.0.1', port: String(far), redistribute: 'false' }] }),
      producerNode('p'),
    ]);
    try {
      await flow.showsStatus('s', /Global\(1\)/);
      for (const [what, value] of VALUES) {
        flow.send('p', { payload: value });
        const { meta, message } = await received.next();
        assert.deepEqual((message as { payload?: unknown }).payload, value, what);
        await consumer.reply(meta.messageId, value, undefined);
        assert.deepEqual((await flow.out('p', 'receive').next())['payload'], value, what);
      }
    } finally {
      await flow.stop();
      await remote.close();
    }
  });
});
