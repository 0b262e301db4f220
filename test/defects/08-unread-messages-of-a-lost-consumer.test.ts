import assert from 'node:assert/strict';
import { CoreMesh } from '../support/core-mesh.js';

describe('DEFECTS 8: a message that was assigned and not read', () => {
  it('is given to another consumer of the same store when its own goes', async () => {
    const mesh = new CoreMesh();
    const far = await mesh.store('10.0.0.2');
    const near = await mesh.store('10.0.0.1', ['10.0.0.2']);
    const lost = far.consumer({ id: 'lost', manualRead: true });
    await mesh.clock.advance(500);
    const producer = near.producer();
    producer.send();
    await mesh.clock.advance(500);
    assert.equal(lost.consumer.waitingCount(), 1);
    const other = far.consumer({ id: 'other' });
    lost.consumer.detach();
    await mesh.clock.advance(500);
    assert.equal(other.received.length, 1);
    assert.equal(producer.replies.length, 1);
    await mesh.close();
  });

  it('is given to a consumer of another store when the store of its own dies', async () => {
    const mesh = new CoreMesh();
    const dying = await mesh.store('10.0.0.2');
    const other = await mesh.store('10.0.0.3');
    const near = await mesh.store('10.0.0.1', ['10.0.0.2', '10.0.0.3']);
    const lost = dying.consumer({ id: 'lost', manualRead: true });
    await mesh.clock.advance(500);
    const producer = near.producer({ lifetimeMs: 300_000 });
    producer.send();
    await mesh.clock.advance(500);
    assert.equal(lost.consumer.waitingCount(), 1);
    const { received } = other.consumer({ id: 'other' });
    mesh.kill(dying, '10.0.0.2');
    // The next word to the dead store finds it gone.
    await mesh.clock.advance(40_000);
    assert.equal(received.length, 1);
    assert.equal(producer.replies.length, 1);
    await mesh.close();
  });
});
