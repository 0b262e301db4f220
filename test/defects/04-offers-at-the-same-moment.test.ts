import assert from 'node:assert/strict';
import { CoreMesh } from '../support/core-mesh.js';

const LIMIT = 3;
const SENDERS = 12;

describe('DEFECTS 4: offers that come at the same moment', () => {
  const mesh = new CoreMesh();
  after(() => mesh.close());

  it('are never taken over the in-transit limit, and none of their messages is lost', async () => {
    const far = await mesh.store('10.0.0.99');
    const { consumer, received } = far.consumer({ inTransitLimit: LIMIT }, false);
    const producers = [];
    for (let sender = 1; sender <= SENDERS; sender += 1) {
      const store = await mesh.store(`10.0.1.${sender}`, ['10.0.0.99']);
      producers.push(store.producer({ notifyIntervalMs: 1_000 }));
    }
    await mesh.clock.advance(1_000);
    for (const producer of producers) producer.send();

    let answered = 0;
    for (let step = 0; step < 20_000 && answered < SENDERS; step += 1) {
      await mesh.clock.advance(1);
      const outstanding = received.length - answered;
      assert.ok(outstanding <= LIMIT, `${outstanding} unanswered messages at once`);
      const next = received[answered];
      // The flow takes its time, so that the places are all taken most of the time.
      if (next !== undefined && step % 50 === 0) {
        answered += 1;
        await consumer.reply(next.meta.messageId, 'done', undefined);
      }
    }
    await mesh.clock.advance(5_000);
    assert.deepEqual(
      producers.map(({ replies }) => replies.length),
      new Array(SENDERS).fill(1),
    );
  }).timeout(30_000);
});
