import assert from 'node:assert/strict';
import { createServer, connect as tlsConnect, type TLSSocket } from 'node:tls';
import type { Address } from '../../src/protocol/address.js';
import type { WireBody } from '../../src/protocol/wire.js';
import { makeMeshKey } from '../../src/security/mesh-key.js';
import type { RefusalCode } from '../../src/security/refusal.js';
import { makeIdentity, type TlsIdentity } from '../../src/transport/https/certificate.js';
import type { Serve } from '../../src/transport/port.js';
import { freeAddress, testIdentity } from './https-arena.js';
import { keyMembership, legacyTransport, meshTransport, type MeshStore } from './mesh-arena.js';

const LIMITS = { answerWithinMs: 60_000, idleMs: 60_000 };

/** Answers with the body that came, and notes who sent it. */
function echoing(senders: (string | undefined)[]): Serve {
  return async (request) => {
    const parts: Uint8Array[] = [];
    for await (const chunk of request.body) parts.push(chunk);
    senders.push(request.senderName);
    return { status: 200, headers: {}, body: Buffer.concat(parts).toString() };
  };
}

async function* streamed(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

describe('HTTPS in mesh mode', () => {
  const key = makeMeshKey();
  let tls: TlsIdentity;
  let to: Address;
  let senders: (string | undefined)[];
  const open: MeshStore[] = [];
  const closers: (() => Promise<unknown>)[] = [];

  before(async () => {
    tls = await testIdentity();
  });
  beforeEach(async () => {
    to = await freeAddress();
    senders = [];
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map(({ transport }) => transport.close()));
    for (const close of closers.splice(0)) await close();
  });

  async function listening(store: MeshStore): Promise<MeshStore> {
    open.push(store);
    const listener = await store.transport.listen({ address: to }, echoing(senders));
    closers.push(() => listener.close());
    return store;
  }

  function calling(store: MeshStore): MeshStore {
    open.push(store);
    return store;
  }

  async function post(from: MeshStore, body: WireBody, at = to): Promise<string> {
    const answer = await from.transport.post(at, { path: '/notify', headers: {}, body }, LIMITS);
    const parts: Uint8Array[] = [];
    for await (const chunk of answer.body) parts.push(chunk);
    return Buffer.concat(parts).toString();
  }

  async function refusedWith(code: RefusalCode, from: MeshStore, at = to): Promise<void> {
    await assert.rejects(post(from, 'secret', at), { code });
    await assert.rejects(post(from, 'secret', at), { code });
  }

  it('stores with one key reach each other, and the receiver knows who sends', async () => {
    await listening(meshTransport(keyMembership('mesh0:far', key), tls));
    const near = calling(meshTransport(keyMembership('mesh0:near', key), tls));
    assert.equal(await post(near, 'hello'), 'hello');
    assert.equal(await post(near, streamed('in ', 'pieces')), 'in pieces');
    assert.equal(await post(near, 'x'.repeat(2_000_000)), 'x'.repeat(2_000_000));
    assert.deepEqual(senders, ['mesh0:near', 'mesh0:near', 'mesh0:near']);
  });

  it('many requests at once arrive, each once', async () => {
    await listening(meshTransport(keyMembership('mesh0:far', key), tls));
    const near = calling(meshTransport(keyMembership('mesh0:near', key), tls));
    const bodies = Array.from({ length: 100 }, (_, number) => String(number));
    assert.deepEqual(await Promise.all(bodies.map((body) => post(near, body))), bodies);
  });

  it('another key is refused, and both sides say so once', async () => {
    const far = await listening(meshTransport(keyMembership('mesh0:far', key), tls));
    await refusedWith(
      'MESH_KEY_UNKNOWN',
      calling(meshTransport(keyMembership('mesh0:near', makeMeshKey()), tls)),
    );
    assert.equal(far.warnings.filter((text) => text.includes('MESH_KEY_UNKNOWN')).length, 1);
    assert.deepEqual(senders, []);
  });

  it('during a change of keys either side may have the new one first', async () => {
    const next = makeMeshKey();
    const far = await listening(meshTransport(keyMembership('mesh0:far', next, key), tls));
    const behind = calling(meshTransport(keyMembership('mesh0:near', key), tls));
    assert.equal(await post(behind, 'old to new'), 'old to new');
    assert.match(far.warnings.join(), /mesh0:near still uses the former mesh key/);
    assert.match(behind.warnings.join(), /mesh0:far still uses the former mesh key/);
    to = await freeAddress();
    await listening(meshTransport(keyMembership('mesh0:far', key), tls));
    const ahead = calling(meshTransport(keyMembership('mesh0:near', next, key), tls));
    assert.equal(await post(ahead, 'new to old'), 'new to old');
    assert.match(ahead.warnings.join(), /still uses the former mesh key/);
  });

  it('stores of different meshes are not linked', async () => {
    const far = await listening(meshTransport(keyMembership('mesh1:far', key), tls));
    await refusedWith('OTHER_MESH', calling(meshTransport(keyMembership('mesh0:near', key), tls)));
    assert.match(far.warnings.join(), /OTHER_MESH/);
  });

  it('a store in legacy mode is refused, in either direction', async () => {
    const far = await listening(meshTransport(keyMembership('mesh0:far', key), tls));
    await refusedWith('NOT_SIGNED', calling(legacyTransport('mesh0:old', tls)));
    assert.match(far.warnings.join(), /NOT_SIGNED/);
    to = await freeAddress();
    const old = await listening(legacyTransport('mesh0:old', tls));
    await refusedWith('PEER_IS_LEGACY', calling(meshTransport(keyMembership('mesh0:near', key), tls)));
    assert.match(old.warnings.join(), /NOT_SIGNED/);
    assert.deepEqual(senders, []);
  });

  for (const [what, ownCertificate] of [
    ['another certificate', false],
    ["the store's own certificate", true],
  ] as const) {
    it(`somebody in between with ${what} sees no byte of a body`, async () => {
      const far = await listening(meshTransport(keyMembership('mesh0:far', key), tls));
      const middle = await Middle.open(ownCertificate ? tls : await makeIdentity(), to);
      closers.push(() => middle.close());
      await refusedWith(
        'CERTIFICATE_MISMATCH',
        calling(meshTransport(keyMembership('mesh0:near', key), tls)),
        middle.address,
      );
      assert.doesNotMatch(middle.seen, /secret/);
      assert.doesNotMatch(middle.seen, /content-length: [^0]/);
      assert.match(far.warnings.join(), /CERTIFICATE_MISMATCH/);
      assert.deepEqual(senders, []);
    });
  }
});

/** Ends TLS and passes on what it sees. */
class Middle {
  seen = '';
  private readonly sockets = new Set<TLSSocket>();

  private constructor(
    readonly address: Address,
    private readonly server: ReturnType<typeof createServer>,
  ) {}

  static async open(identity: TlsIdentity, target: Address): Promise<Middle> {
    const address = await freeAddress();
    const server = createServer(identity);
    const middle = new Middle(address, server);
    server.on('secureConnection', (socket) => {
      const onward = tlsConnect({ host: target.host, port: Number(target.port), rejectUnauthorized: false });
      for (const end of [socket, onward]) {
        middle.sockets.add(end);
        end.on('error', () => end.destroy());
      }
      socket.on('data', (chunk: Buffer) => {
        middle.seen += chunk.toString('latin1');
      });
      socket.pipe(onward).pipe(socket);
    });
    await new Promise<void>((resolve) => server.listen(Number(address.port), address.host, resolve));
    return middle;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
