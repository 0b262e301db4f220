import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { postJson } from '../support/hand-made.js';
import { RemoteStore } from '../support/remote-store.js';
import { consumerNode, producerNode, storeNode, TestFlow } from '../support/test-flow.js';

/** AlaSQL runs what stands between arrows as JavaScript; quotes end a text. */
const HOSTILE = [
  `'; DROP TABLE inMessages; --`,
  '``globalThis.hacked=1``',
  '->(globalThis.hacked=1)',
  '"\'\\',
];

function hacked(): unknown {
  return (globalThis as Record<string, unknown>)['hacked'];
}

describe('DEFECTS 29: text from a flow or the network stays text', () => {
  it('in the name of a service, from the flow to the consumer and back', async () => {
    const [service] = HOSTILE;
    const flow = await TestFlow.start([
      storeNode('s', await freePort()),
      producerNode('p', { producerConsumer: 'msg.topic' }),
      consumerNode('c', { name: service }),
    ]);
    try {
      flow.replying('c');
      await flow.showsStatus('c', 'N:0');
      flow.send('p', { payload: HOSTILE, topic: service, preserved: HOSTILE });
      assert.deepEqual((await flow.out('p', 'receive').next())['preserved'], HOSTILE);
      for (const topic of HOSTILE) {
        flow.send('p', { payload: 1, topic: `${topic} nobody` });
        assert.equal((await flow.out('p', 'failure').next())['code'], 'UNKNOWN_SERVICE');
        flow.send('s', { topic });
        assert.ok('help' in (await flow.out('s', 'command').next()));
      }
      assert.equal(hacked(), undefined);
    } finally {
      await flow.stop();
    }
  });

  it('in every field of a registration', async () => {
    const port = await freePort();
    const store = await RemoteStore.open(port);
    try {
      for (const text of HOSTILE) {
        await postJson(port, '/notify', {
          notifyType: 'consumerRegistration',
          consumer: {
            serviceName: text,
            consumerId: text,
            storeName: text,
            storeAddress: '127.0.0.1',
            storePort: '9',
            localStoreName: text,
            transitAddress: '127.0.0.1',
            transitPort: '9',
            direction: 'north',
            hopCount: 1,
            ttl: 1_900_000_000,
          },
        });
      }
      assert.equal(hacked(), undefined);
      const known = store.store.services();
      assert.ok(known.every((name) => HOSTILE.includes(name)));
      const numbers = await postJson(port, '/notify', {
        notifyType: 'consumerRegistration',
        consumer: {
          direction: 'store',
          transitAddress: '127.0.0.1',
          transitPort: '1; DROP TABLE notify',
          hopCount: 0,
        },
      });
      assert.ok(numbers.status >= 400 && numbers.status < 500);
    } finally {
      await store.close();
    }
  });
});
