import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { CoreMesh } from '../support/core-mesh.js';
import { pause } from '../support/outlet.js';
import { consumerNode, producerNode, storeNode, TestFlow } from '../support/test-flow.js';

describe('DEFECTS 3: an in-transit limit', () => {
  let flow: TestFlow | undefined;
  afterEach(() => flow?.stop());

  it('of ten gives ten at once, and no more', async () => {
    flow = await TestFlow.start([
      storeNode('s', await freePort()),
      producerNode('p'),
      consumerNode('c', { intransit: '10' }),
    ]);
    await flow.showsStatus('s', /^Local\(1\)/);
    for (let sent = 0; sent < 25; sent += 1) flow.send('p', { payload: sent });
    await flow.out('c', 'receive').count(10);
    await pause(300);
    assert.equal(flow.out('c', 'receive').messages.length, 10);
    flow.replying('c');
    for (const { redlinkMsgId } of [...flow.out('c', 'receive').messages]) flow.send('c', { redlinkMsgId });
    await flow.out('p', 'receive').count(25);
  });

  it('of one loses none of the messages of sixteen senders', async () => {
    const mesh = new CoreMesh();
    const far = await mesh.store('10.0.0.9');
    const { received } = far.consumer({ inTransitLimit: 1 });
    const producers = [];
    for (let sender = 1; sender <= 8; sender += 1) {
      const store = await mesh.store(`10.0.0.${10 + sender}`, ['10.0.0.9']);
      for (const name of ['a', 'b']) producers.push(store.producer({ id: name, notifyIntervalMs: 1_000 }));
    }
    await mesh.clock.advance(1_000);
    for (const producer of producers) {
      producer.send();
      producer.send();
    }
    await mesh.clock.advance(30_000);
    assert.deepEqual(
      producers.map(({ replies, failures }) => [replies.length, failures.length]),
      producers.map(() => [2, 0]),
    );
    assert.equal(received.length, 32);
    await mesh.close();
  }).timeout(30_000);
});
