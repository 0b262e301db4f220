import assert from 'node:assert/strict';
import { CoreMesh } from '../support/core-mesh.js';

describe('DEFECTS 12: a rate limit on the replies of a producer', () => {
  it('delivers all of them, at the rate', async () => {
    const mesh = new CoreMesh();
    const store = await mesh.store('10.0.0.1');
    store.consumer();
    const producer = store.producer({
      lifetimeMs: 4_000,
      rate: { messages: 1, periods: 1, unit: 'second' },
    });
    for (let sent = 0; sent < 8; sent += 1) producer.send();
    const perSecond: number[] = [];
    for (let second = 0; second < 9; second += 1) {
      const before = producer.replies.length;
      await mesh.clock.advance(1_000);
      perSecond.push(producer.replies.length - before);
    }
    assert.equal(producer.replies.length, 8);
    assert.equal(producer.failures.length, 0);
    assert.ok(Math.max(...perSecond) <= 2, perSecond.join(' '));
    await mesh.close();
  });
});
