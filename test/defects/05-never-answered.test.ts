import assert from 'node:assert/strict';
import { CoreMesh } from '../support/core-mesh.js';

const LIFETIME_MS = 10_000;

describe('DEFECTS 5: a message that is never answered', () => {
  it('holds one place until its deadline, and the rest goes on', async () => {
    const mesh = new CoreMesh();
    const far = await mesh.store('10.0.0.2');
    const near = await mesh.store('10.0.0.1', ['10.0.0.2']);
    const { consumer, received } = far.consumer({ inTransitLimit: 2 }, false);
    await mesh.clock.advance(1_000);
    const producer = near.producer({ lifetimeMs: LIFETIME_MS, notifyIntervalMs: 1_000 });
    const stuck = producer.send();
    const answerAll = async (): Promise<void> => {
      for (const { meta } of received) {
        if (meta.messageId !== stuck) await consumer.reply(meta.messageId, 'done', undefined);
      }
    };
    for (let sent = 0; sent < 20; sent += 1) producer.send();
    for (let step = 0; step < 500; step += 1) {
      await mesh.clock.advance(10);
      await answerAll();
    }
    assert.equal(producer.replies.length, 20);
    assert.equal(far.store.room('consumer'), 50);

    await mesh.clock.advance(LIFETIME_MS);
    assert.deepEqual(
      producer.failures.map(({ message, read }) => [message.id, read]),
      [[stuck, true]],
    );
    assert.equal(far.store.room('consumer'), 0);
    await mesh.close();
  }).timeout(30_000);
});
