import assert from 'node:assert/strict';
import { CALM } from '../simulation/weather.js';
import { CoreMesh } from '../support/core-mesh.js';

/** A way that takes its time, and still less than a store has for closing. */
const SLOW_MS = 100;

/** Longer than a lease, and than all that is tried again within it. */
const LONG_MS = 30_000;
const STEP_MS = 0.1;

describe('the confirmation of a read whose answer is lost', () => {
  it('is said again until the flow has the message, although a send-only one has ended with it', async () => {
    const mesh = new CoreMesh();
    const far = await mesh.store('10.0.0.2');
    const near = await mesh.store('10.0.0.1', ['10.0.0.2']);
    const { received, failures } = far.consumer({}, false);
    await mesh.clock.advance(1_000);
    const producer = near.producer({ sendOnly: true });
    const messageId = producer.send();
    while (!mesh.said(messageId).some((line) => line.includes('taken'))) await mesh.clock.advance(STEP_MS);
    // Nothing comes back to the consumer's store for longer than its first tries, and than its next renewals.
    mesh.network.mute(mesh.address('10.0.0.1'), mesh.address('10.0.0.2'));
    await mesh.clock.advance(LONG_MS / 2);
    assert.equal(received.length, 0);
    // Still in its store's hands: it must not be told to forget it.
    const [held] = far.store.engine.notifies.rows();
    assert.ok(held);
    const renewed = await near.store.answer(
      { verb: 'renew', consumerStore: 'mesh0:10.0.0.2', held: [held], lost: [], path: [] },
      { remoteIp: '10.0.0.2' },
    );
    assert.deepEqual(renewed, { kind: 'renewed', stale: [] });
    mesh.network.heal();
    await mesh.clock.advance(LONG_MS);
    assert.equal(received.length, 1);
    assert.deepEqual(failures, []);
    assert.equal(producer.failures.length, 0);
    await mesh.close();
  });
});

describe('the confirmation of a read under way while its store closes', () => {
  it('is waited for: the message has ended for its producer, and nobody else would get it', async () => {
    const mesh = new CoreMesh();
    const far = await mesh.store('10.0.0.2');
    const near = await mesh.store('10.0.0.1', ['10.0.0.2']);
    const { received } = far.consumer({}, false);
    await mesh.clock.advance(1_000);
    mesh.network.weather = { ...CALM, minDelayMs: SLOW_MS, maxDelayMs: SLOW_MS };
    const messageId = near.producer({ sendOnly: true }).send();
    while (!mesh.said(messageId).some((line) => line.includes('taken'))) await mesh.clock.advance(STEP_MS);
    mesh.network.weather = CALM;
    const closed = far.store.close();
    await mesh.clock.advance(1_000);
    await closed;
    assert.equal(near.store.engine.messages.size, 0);
    assert.equal(received.length, 1);
    await mesh.close();
  });
});
