import assert from 'node:assert/strict';
import { CoreMesh } from '../support/core-mesh.js';

/** Longer than the longest time limit of a read, so that the consumer has given up on the silent peer. */
const LONGER_THAN_A_READ_MS = 60_000;

describe('DEFECTS 11: a peer that is silent', () => {
  it('does not keep a consumer from the messages of others', async () => {
    const mesh = new CoreMesh();
    const far = await mesh.store('10.0.0.2');
    const silent = await mesh.store('10.0.0.3', ['10.0.0.2']);
    const other = await mesh.store('10.0.0.1', ['10.0.0.2']);
    const { received } = far.consumer({ inTransitLimit: 2 });
    await mesh.clock.advance(500);
    silent.producer({ lifetimeMs: 20_000 }).send();
    // Silent after the confirmation: the read has nobody to answer it.
    for (let step = 0; step < 200 && far.store.engine.notifies.size === 0; step += 1)
      await mesh.clock.advance(1);
    mesh.network.separate(mesh.address('10.0.0.3'), mesh.address('10.0.0.2'));
    const producer = other.producer();
    for (let sent = 0; sent < 5; sent += 1) producer.send();
    await mesh.clock.advance(LONGER_THAN_A_READ_MS);
    assert.equal(producer.replies.length, 5);
    assert.ok(received.length >= 5);
    mesh.network.heal();
    await mesh.close();
  });
});
