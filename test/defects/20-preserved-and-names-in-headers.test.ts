import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { producerNode, storeNode, TestFlow } from '../support/test-flow.js';
import { RemoteStore } from '../support/remote-store.js';

describe('DEFECTS 20: what does not fit a response header', () => {
  for (const [what, service, preserved] of [
    ['7,000 characters of preserved', 'svc', 'P'.repeat(7_000)],
    ['a service name beyond Latin-1', '服务', 'kept'],
  ] as const) {
    it(`${what}: the message is delivered over the wire, and answered`, async () => {
      const [near, far] = [await freePort(), await freePort()];
      const remote = await RemoteStore.open(far);
      const { consumer, received } = remote.consumer({ service });
      const flow = await TestFlow.start([
        storeNode('s', near, { headers: [{ ip: '127.0.0.1', port: String(far), redistribute: 'false' }] }),
        producerNode('p', { producerConsumer: service }),
      ]);
      try {
        await flow.showsStatus('s', /Global\(1\)/);
        flow.send('p', { payload: 'q', preserved });
        const { meta } = await received.next();
        assert.equal(await consumer.reply(meta.messageId, 'a', undefined), undefined);
        const reply = await flow.out('p', 'receive').next();
        assert.equal(reply['preserved'], preserved);
      } finally {
        await flow.stop();
        await remote.close();
      }
    });
  }
});
