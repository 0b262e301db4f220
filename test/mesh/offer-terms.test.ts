import assert from 'node:assert/strict';
import { CoreMesh } from '../support/core-mesh.js';

/** Longer than the terms of an answer that was lost are waited for. */
const LONG_MS = 30_000;

/** The verbs that stores sent about a message, in order. */
function verbsAbout(mesh: CoreMesh, messageId: string): string[] {
  return mesh
    .said(messageId)
    .map((line) => /([a-z]+)#\d+ to /.exec(line)?.[1] ?? '')
    .filter((verb) => verb !== '');
}

describe('an offer with terms', () => {
  let mesh: CoreMesh;

  beforeEach(() => {
    mesh = new CoreMesh();
  });
  afterEach(() => mesh.close());

  it('carries a small message: it is neither confirmed nor read', async () => {
    const far = await mesh.store('10.0.0.2');
    const near = await mesh.store('10.0.0.1', ['10.0.0.2']);
    far.consumer();
    await mesh.clock.advance(500);
    const producer = near.producer();
    const messageId = producer.send();
    await mesh.clock.advance(500);
    assert.equal(producer.replies.length, 1);
    assert.deepEqual(verbsAbout(mesh, messageId), ['offer', 'taken', 'reply']);
  });

  it('goes the same through a store between', async () => {
    // Between two souths a store passes everything on.
    await mesh.store('10.0.0.2');
    const far = await mesh.store('10.0.0.3', ['10.0.0.2']);
    const near = await mesh.store('10.0.0.1', ['10.0.0.2']);
    far.consumer();
    await mesh.clock.advance(1_000);
    const producer = near.producer();
    const messageId = producer.send();
    await mesh.clock.advance(500);
    assert.equal(producer.replies.length, 1);
    assert.deepEqual(verbsAbout(mesh, messageId), ['offer', 'offer', 'taken', 'taken', 'reply', 'reply']);
  });

  it('keeps a message that is to be read straight from its store from the store between', async () => {
    await mesh.store('10.0.0.2');
    const far = await mesh.store('10.0.0.3', ['10.0.0.2']);
    const near = await mesh.store('10.0.0.1', ['10.0.0.2']);
    far.consumer();
    await mesh.clock.advance(1_000);
    const producer = near.producer({ reversePath: false });
    const messageId = producer.send();
    await mesh.clock.advance(500);
    assert.equal(producer.replies.length, 1);
    assert.deepEqual(verbsAbout(mesh, messageId), ['offer', 'offer', 'read', 'taken', 'reply']);
  });

  it('leaves a larger message to be read', async () => {
    const far = await mesh.store('10.0.0.2');
    const near = await mesh.store('10.0.0.1', ['10.0.0.2']);
    far.consumer();
    await mesh.clock.advance(500);
    const producer = near.producer();
    const messageId = producer.send({ payload: 'x'.repeat(10_000) });
    await mesh.clock.advance(500);
    assert.equal(producer.replies.length, 1);
    assert.deepEqual(verbsAbout(mesh, messageId), ['offer', 'read', 'taken', 'reply']);
  });

  it('means nothing once its answer was lost and the message is offered anew: it is received once', async () => {
    const far = await mesh.store('10.0.0.2');
    const near = await mesh.store('10.0.0.1', ['10.0.0.2']);
    const { received } = far.consumer();
    await mesh.clock.advance(500);
    mesh.network.weather = { ...mesh.network.weather, loseAnswerPercent: 60, repeatPercent: 60 };
    const producer = near.producer({ lifetimeMs: 300_000, notifyIntervalMs: 500 });
    const sent = Array.from({ length: 20 }, () => producer.send());
    await mesh.clock.advance(LONG_MS);
    mesh.network.heal();
    await mesh.clock.advance(LONG_MS);
    assert.equal(producer.replies.length + producer.failures.length, sent.length);
    const ids = received.map(({ meta }) => meta.messageId);
    assert.equal(new Set(ids).size, ids.length, 'received twice');
  });

  it('of a stranger assigns nothing: it gets a place for a moment, and no message of its own in', async () => {
    const far = await mesh.store('10.0.0.2');
    far.consumer();
    await mesh.clock.advance(500);
    const address = { host: '10.0.0.66', port: '2000' };
    const storeName = 'mesh0:nobody';
    const answer = await far.store.answer(
      {
        verb: 'offer',
        service: 'svc',
        messageId: 'forged',
        producerId: 'p',
        source: { storeName, address },
        reversePath: true,
        path: [{ storeName, address, reversePath: true }],
        hopCount: 1,
        terms: { token: 't', deadlineInMs: Infinity, message: undefined },
      },
      { remoteIp: address.host },
    );
    assert.equal(answer.kind, 'accepted');
    assert.equal('assigned' in answer, false);
    assert.equal(far.store.engine.notifies.size, 0);
  });
});
