import assert from 'node:assert/strict';
import { makeMeshKey } from '../../src/security/mesh-key.js';
import { PeerNotices } from '../../src/security/peer-notices.js';
import { SILENT_LOG } from '../../src/support/log.js';
import { freePort } from '../support/free-port.js';
import { postJson } from '../support/hand-made.js';
import { RemoteStore } from '../support/remote-store.js';
import { testIdentity } from '../transport/https-arena.js';
import { keyMembership, meshTransport } from '../transport/mesh-arena.js';

const LIMITS = { answerWithinMs: 60_000, idleMs: 60_000 };

/** The announcement of a south. */
function announcement(storeName: string): object {
  return {
    notifyType: 'consumerRegistration',
    consumer: { direction: 'store', transitAddress: '127.0.0.1', transitPort: '9', hopCount: 0 },
    redlink: { version: 4, bootId: 'boot', storeName },
  };
}

describe('who may speak to a store', () => {
  let store: RemoteStore | undefined;
  afterEach(async () => {
    await store?.close();
    store = undefined;
  });

  it('in legacy mode is nobody outside the ranges that are allowed', async () => {
    const port = await freePort();
    store = await RemoteStore.open(port, [], { allowedSources: ['10.0.0.0/8'] });
    const { text } = await postJson(port, '/notify', announcement('mesh0:south'));
    assert.match(text, /REFUSED_ADDRESS/);
    assert.deepEqual([...store.store.southPeers()], []);
    assert.equal(store.store.engine.routes.size, 0);
  });

  it('in legacy mode is nobody whose large reply would be kept before he is refused', async () => {
    const port = await freePort();
    store = await RemoteStore.open(port, [], { allowedSources: ['10.0.0.0/8'] });
    // Not even looked at: it is no reply at all.
    const { text } = await postJson(port, '/reply-message', { payload: 'x'.repeat(200_000) });
    assert.match(text, /REFUSED_ADDRESS/);
  });

  it('in legacy mode is everybody within them', async () => {
    const port = await freePort();
    store = await RemoteStore.open(port, [], { allowedSources: ['127.0.0.1'] });
    const { text } = await postJson(port, '/notify', announcement('mesh0:south'));
    assert.doesNotMatch(text, /REFUSED_ADDRESS/);
    assert.equal([...store.store.southPeers()].length, 1);
  });

  it('in mesh mode says so under the name that it has proved, and no other', async () => {
    const [port, key] = [await freePort(), makeMeshKey()];
    const notices = new PeerNotices(SILENT_LOG);
    const membership = keyMembership('mesh0:remote', key);
    store = await RemoteStore.open(port, [], {}, { security: { mode: 'mesh', membership, notices } });
    const { transport } = meshTransport(keyMembership('mesh0:south', key), await testIdentity());
    const announced = async (name: string): Promise<string> => {
      const body = JSON.stringify(announcement(name));
      const headers = { 'content-type': 'application/json' };
      const to = { host: '127.0.0.1', port: String(port) };
      const answer = await transport.post(to, { path: '/notify', headers, body }, LIMITS);
      const parts: Uint8Array[] = [];
      for await (const part of answer.body) parts.push(part);
      return Buffer.concat(parts).toString();
    };
    try {
      assert.match(await announced('mesh0:another'), /NAME_NOT_PROVEN/);
      assert.deepEqual([...store.store.southPeers()], []);
      assert.doesNotMatch(await announced('mesh0:south'), /NAME_NOT_PROVEN/);
      assert.equal([...store.store.southPeers()].length, 1);
    } finally {
      await transport.close();
    }
  });
});
