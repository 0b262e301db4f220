import assert from 'node:assert/strict';
import { registerAdmin } from '../../nodes/runtime/admin.js';
import { readStoreConfig } from '../../nodes/runtime/store-config.js';
import { registerStore } from '../../nodes/runtime/store-node.js';
import { bindingFor } from '../../src/transport/https/bind.js';

const PROPERTIES = { name: 's', meshName: 'mesh0', listenPort: '2000', isUserCertificate: true };

const noTls = (): never => assert.fail('no tls-config node is asked for');

describe('DEFECTS 35: secrets, permissions and the address that is listened on', () => {
  it('takes the private key from the credentials before what an old flow carries in the open', () => {
    const { identity } = readStoreConfig({
      properties: { ...PROPERTIES, userKey: 'old key', userCertificate: 'old certificate' },
      credentials: { key: 'key', certificate: 'certificate' },
      settings: {},
      hostName: 'here',
      tlsSource: noTls,
    });
    assert.deepEqual(identity, { key: 'key', cert: 'certificate' });
  });

  it('still runs an old flow that has the key in the open', () => {
    const { identity } = readStoreConfig({
      properties: { ...PROPERTIES, userKey: 'old key', userCertificate: 'old certificate' },
      credentials: {},
      settings: {},
      hostName: 'here',
      tlsSource: noTls,
    });
    assert.deepEqual(identity, { key: 'old key', cert: 'old certificate' });
  });

  it('keeps keys as credentials, which Node-RED stores apart and encrypted', () => {
    let kept: unknown;
    registerStore({
      auth: { needsPermission: () => () => undefined },
      events: { on: () => undefined },
      httpAdmin: { get: () => undefined, post: () => undefined, use: () => undefined },
      nodes: {
        registerType: (_type: string, _constructor: unknown, options: { credentials: unknown }) => {
          kept = options.credentials;
        },
      },
    } as unknown as Parameters<typeof registerStore>[0]);
    const secret = { type: 'password' };
    assert.deepEqual(kept, { meshKey: secret, meshKeyOld: secret, key: secret, certificate: secret });
  });

  it('asks for a permission on every admin route', () => {
    const guards = { 'redlink.read': (): void => undefined, 'redlink.write': (): void => undefined };
    const guarded: [string, unknown][] = [];
    const note = (path: string, first: unknown): void => {
      guarded.push([path, first]);
    };
    registerAdmin({
      auth: {
        needsPermission: (permission: keyof typeof guards) => guards[permission],
      },
      httpAdmin: { get: note, post: note, use: () => undefined },
    } as unknown as Parameters<typeof registerAdmin>[0]);
    const writing = ['/redlink/mesh-key', '/redlink/test-peer'];
    assert.equal(guarded.length, 7);
    for (const [path, first] of guarded) {
      assert.ok(path.startsWith('/redlink/'), path);
      assert.equal(first, guards[writing.includes(path) ? 'redlink.write' : 'redlink.read'], path);
    }
  });

  it('listens on the configured address of this machine, and on loopback, and nowhere else', () => {
    assert.deepEqual(
      new Set(bindingFor('10.1.2.3', ['127.0.0.1', '10.1.2.3']).hosts),
      new Set(['10.1.2.3', '127.0.0.1']),
    );
  });
});
