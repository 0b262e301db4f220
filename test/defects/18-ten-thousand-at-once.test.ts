import assert from 'node:assert/strict';
import { CoreMesh } from '../support/core-mesh.js';

const BURST = 10_000;

describe('DEFECTS 18: ten thousand messages at once', () => {
  it('are taken in with a bounded number of turns of the event loop, and all answered', async () => {
    const mesh = new CoreMesh();
    const store = await mesh.store('10.0.0.1');
    store.consumer({ inTransitLimit: 100 });
    const producer = store.producer();
    for (let sent = 0; sent < BURST; sent += 1) producer.send();
    // Taken in: `send` has accepted each at once, nothing was put off.
    assert.equal(store.store.engine.messages.size, BURST);
    await mesh.clock.advance(5_000);
    assert.equal(producer.replies.length, BURST);
    assert.equal(producer.failures.length, 0);
    await mesh.close();
  }).timeout(60_000);
});
