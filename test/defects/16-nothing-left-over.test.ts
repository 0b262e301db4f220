import assert from 'node:assert/strict';
import { CoreMesh } from '../support/core-mesh.js';

describe('DEFECTS 16: after a drain', () => {
  it('nothing is left over: rows, payloads, timers', async () => {
    const mesh = new CoreMesh();
    const store = await mesh.store('10.0.0.1');
    const { consumer } = store.consumer();
    await mesh.clock.advance(1_000);
    const timers = store.clock.pending;
    const oneWay = store.producer({ id: 'one way', sendOnly: true });
    const asking = store.producer({ id: 'asking' });
    for (let sent = 0; sent < 50; sent += 1) {
      oneWay.send({ payload: 'L'.repeat(30_000) }, 'P'.repeat(30_000));
      asking.send({ payload: 'L'.repeat(30_000) }, 'P'.repeat(30_000));
    }
    await mesh.clock.advance(5_000);
    assert.equal(asking.replies.length, 50);
    await consumer.reply('never heard of', 'x', undefined);
    await mesh.clock.advance(1_000);
    const { engine } = store.store;
    assert.deepEqual([engine.messages.size, engine.notifies.size, engine.replies.size], [0, 0, 0]);
    assert.equal(store.payloads.size, 0);
    assert.equal(store.clock.pending, timers);
    await mesh.close();
    assert.equal(store.clock.pending, 0);
  });
});
