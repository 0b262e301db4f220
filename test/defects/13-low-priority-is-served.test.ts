import assert from 'node:assert/strict';
import { CoreMesh } from '../support/core-mesh.js';

/** Ageing begins after 10 s; every fourth message is then the oldest (engine/ready-queue.ts). */
const SERVED_WITHIN_MS = 15_000;

describe('DEFECTS 13: low priority under an endless flood of high priority', () => {
  it('is served within a bound', async () => {
    const mesh = new CoreMesh();
    const store = await mesh.store('10.0.0.1');
    const { consumer, received } = store.consumer({ inTransitLimit: 1 }, false);
    const flood = store.producer({ id: 'flood', priority: 9 });
    const low = store.producer({ id: 'low', priority: 0 });
    for (let sent = 0; sent < 20; sent += 1) flood.send();
    low.send();
    let answered = 0;
    for (let passed = 0; passed < SERVED_WITHIN_MS && low.replies.length === 0; passed += 50) {
      flood.send();
      await mesh.clock.advance(50);
      for (; answered < received.length; answered += 1) {
        const message = received[answered];
        if (message) await consumer.reply(message.meta.messageId, 'done', undefined);
      }
    }
    await mesh.clock.advance(50);
    assert.equal(low.replies.length, 1);
    await mesh.close();
  }).timeout(30_000);
});
