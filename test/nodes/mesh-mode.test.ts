import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { z } from 'zod';
import { makeMeshKey } from '../../src/security/mesh-key.js';
import { PeerNotices } from '../../src/security/peer-notices.js';
import { SILENT_LOG } from '../../src/support/log.js';
import type { HttpsOptions } from '../../src/transport/https/transport.js';
import { freePort } from '../support/free-port.js';
import { helper } from '../support/node-red.js';
import { RemoteStore } from '../support/remote-store.js';
import { consumerNode, producerNode, storeNode, TestFlow } from '../support/test-flow.js';
import { keyMembership } from '../transport/mesh-arena.js';

const MESH = { security: 'mesh' };
const key = makeMeshKey();

function withKey(meshKey: string): Partial<HttpsOptions> {
  const membership = keyMembership('mesh0:remote', meshKey);
  return { security: { mode: 'mesh', membership, notices: new PeerNotices(SILENT_LOG) } };
}

function northOf(port: number): object {
  return { headers: [{ ip: '127.0.0.1', port: String(port), redistribute: 'false' }] };
}

describe('a store in mesh mode', () => {
  let flow: TestFlow | undefined;
  let remote: RemoteStore | undefined;
  afterEach(async () => {
    await flow?.stop();
    await remote?.close();
    [flow, remote] = [undefined, undefined];
  });

  it('exchanges messages with a store that has the same key', async () => {
    const port = await freePort();
    remote = await RemoteStore.open(port, [], {}, withKey(key));
    const consumer = remote.consumer();
    flow = await TestFlow.start(
      [storeNode('s', await freePort(), { ...MESH, ...northOf(port) }), producerNode('p')],
      {},
      { s: { meshKey: key } },
    );
    await flow.showsStatus('s', 'Local(0) Global(1)');
    const payload = 'x'.repeat(100_000);
    flow.send('p', { payload });
    const { meta } = await consumer.received.next();
    await consumer.consumer.reply(meta.messageId, payload, undefined);
    assert.equal((await flow.out('p', 'receive').next())['payload'], payload);
  });

  it('says on its node why another store is refused', async () => {
    const port = await freePort();
    remote = await RemoteStore.open(port, [], {}, withKey(makeMeshKey()));
    flow = await TestFlow.start(
      [storeNode('s', await freePort(), { ...MESH, ...northOf(port) })],
      {},
      {
        s: { meshKey: key },
      },
    );
    await flow.showsStatus('s', `lost north 127.0.0.1:${port}: another mesh key`);
  });

  it('says on its node that it refuses another store', async () => {
    const port = await freePort();
    flow = await TestFlow.start([storeNode('s', port, MESH)], {}, { s: { meshKey: key } });
    await flow.showsStatus('s', 'Local(0) Global(0)');
    remote = await RemoteStore.open(await freePort(), [port], {}, withKey(makeMeshKey()));
    await flow.showsStatus('s', 'Local(0) Global(0) refused 127.0.0.1: another mesh key');
  });

  it('without a key opens no listener, and serves its own process', async () => {
    const [port, other] = [await freePort(), await freePort()];
    flow = await TestFlow.start([
      storeNode('s', port, MESH),
      storeNode('t', other, { ...MESH, ...northOf(port) }),
      producerNode('p', { producerStoreName: 'mesh0:t' }),
      consumerNode('c'),
    ]);
    await flow.showsStatus('s', 'no mesh key: this Node-RED only');
    assert.deepEqual(flow.warningsLogged('s'), [], 'one Node-RED alone needs no key');
    flow.replying('c');
    flow.send('p', { payload: 'near' });
    assert.equal((await flow.out('p', 'receive').next())['payload'], 'near');
    // The port is free: nobody listens there.
    remote = await RemoteStore.open(port);
  });

  it('is red where its key is none', async () => {
    flow = await TestFlow.start([storeNode('s', await freePort(), MESH)], {}, { s: { meshKey: 'short' } });
    await flow.showsStatus('s', /the mesh key is not 32 bytes/);
    assert.doesNotMatch(flow.statusText('s'), /short/);
  });

  it('is not linked to a store of another mesh in the same process', async () => {
    const port = await freePort();
    flow = await TestFlow.start(
      [
        storeNode('s', port, { meshName: 'mesh1' }),
        storeNode('t', await freePort(), { ...MESH, ...northOf(port) }),
      ],
      {},
      { t: { meshKey: key } },
    );
    await flow.showsStatus('t', `lost north 127.0.0.1:${port}: another mesh name`);
  });

  it('is tested from the form, and its norths are shown there', async () => {
    const port = await freePort();
    remote = await RemoteStore.open(port, [], {}, withKey(key));
    flow = await TestFlow.start(
      [storeNode('s', await freePort(), { ...MESH, ...northOf(port) })],
      {},
      {
        s: { meshKey: key },
      },
    );
    await flow.showsStatus('s', 'Local(0) Global(0)');
    const test = async (more: object): Promise<unknown> => {
      const peer = { host: '127.0.0.1', port: String(port), store: 'mesh0:s' };
      const answer: unknown = await helper
        .request()
        .post('/redlink/test-peer')
        .send({ ...peer, ...more });
      return z.object({ body: z.unknown() }).parse(answer).body;
    };
    const state = z.record(z.string(), z.unknown()).parse(await test({}));
    assert.equal(state['reachable'], true);
    assert.equal(state['storeName'], 'mesh0:remote');
    assert.match(String(state['fingerprint']), /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    assert.equal(state['code'], undefined);
    assert.match(
      JSON.stringify(await test({ meshKey: makeMeshKey() })),
      /"reachable":true,"code":"MESH_KEY_UNKNOWN"/,
    );
    assert.match(JSON.stringify(await test({ security: 'legacy' })), /"code":"NOT_SIGNED"/);
    assert.match(JSON.stringify(await test({ port: String(await freePort()) })), /"reachable":false/);
    assert.match(JSON.stringify(await test({ host: 'a/b@c' })), /BAD_REQUEST/);
    const made: unknown = await helper.request().post('/redlink/mesh-key');
    assert.match(JSON.stringify(z.object({ body: z.unknown() }).parse(made).body), /"meshKey":"[\w-]{43}"/);
    const peers: unknown = await helper.request().get('/redlink/peers?store=mesh0:s');
    assert.match(JSON.stringify(z.object({ body: z.unknown() }).parse(peers).body), /"reachable":true/);
  });

  for (const security of ['mesh', 'legacy']) {
    it(`in mode ${security} tells from the form that the port of an editor is that of no store`, async () => {
      flow = await TestFlow.start([]);
      const editor = createServer().listen(0, '127.0.0.1');
      await once(editor, 'listening');
      const { port } = z.object({ port: z.number() }).parse(editor.address());
      const peer = { host: '127.0.0.1', port: String(port), store: 'mesh0:s', meshKey: key };
      const answer: unknown = await helper
        .request()
        .post('/redlink/test-peer')
        .send({ ...peer, security });
      editor.close();
      const { body } = z.object({ body: z.unknown() }).parse(answer);
      assert.match(JSON.stringify(body), /"code":"NOT_A_STORE"/);
    });
  }
});
