import assert from 'node:assert/strict';
import { CoreMesh } from '../support/core-mesh.js';

const LIFETIME_MS = 60_000;
/** The try that was under way when the store went ends within this, and the next one succeeds. */
const LONGEST_CALL_MS = 45_000;

describe('DEFECTS 9: a reply whose store is away', () => {
  for (const [outcome, awayMs] of [
    ['arrives when the store is back', 8_000],
    ['is a failure of the consumer once the deadline has passed', 90_000],
  ] as const) {
    it(outcome, async () => {
      const mesh = new CoreMesh();
      const far = await mesh.store('10.0.0.2');
      const near = await mesh.store('10.0.0.1', ['10.0.0.2']);
      const { consumer, received, failures } = far.consumer({}, false);
      await mesh.clock.advance(500);
      const producer = near.producer({ lifetimeMs: LIFETIME_MS });
      producer.send();
      await mesh.clock.advance(500);
      const [message] = received;
      assert.ok(message);
      mesh.network.separate(mesh.address('10.0.0.1'), mesh.address('10.0.0.2'));
      assert.equal(await consumer.reply(message.meta.messageId, 'late', undefined), undefined);
      await mesh.clock.advance(awayMs);
      mesh.network.heal();
      await mesh.clock.advance(LONGEST_CALL_MS);
      const arrived = awayMs < LIFETIME_MS;
      assert.equal(producer.replies.length, arrived ? 1 : 0);
      assert.equal(producer.failures.length, arrived ? 0 : 1);
      assert.equal(failures.length, arrived ? 0 : 1);
      await mesh.close();
    });
  }
});
