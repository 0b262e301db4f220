import assert from 'node:assert/strict';
import type { Address } from '../../src/protocol/address.js';
import { CertificateMembership } from '../../src/security/certificate-membership.js';
import { makeMeshKey } from '../../src/security/mesh-key.js';
import type { RefusalCode } from '../../src/security/refusal.js';
import type { TlsIdentity } from '../../src/transport/https/certificate.js';
import { Authority } from '../support/authority.js';
import { freeAddress, testIdentity } from './https-arena.js';
import { keyMembership, meshTransport, type MeshStore } from './mesh-arena.js';

const LIMITS = { answerWithinMs: 60_000, idleMs: 60_000 };

describe('HTTPS in mesh mode with certificates', () => {
  let authority: Authority;
  let to: Address;
  const open: MeshStore[] = [];
  const closers: (() => Promise<unknown>)[] = [];

  before(async () => {
    authority = await Authority.make();
  });
  beforeEach(async () => {
    to = await freeAddress();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map(({ transport }) => transport.close()));
    for (const close of closers.splice(0)) await close();
  });

  async function store(name: string, tls: TlsIdentity): Promise<MeshStore> {
    const made = meshTransport(new CertificateMembership(name), tls);
    open.push(made);
    return made;
  }

  async function listening(made: MeshStore): Promise<MeshStore> {
    const listener = await made.transport.listen({ address: to }, async ({ senderName }) => ({
      status: 200,
      headers: {},
      body: senderName ?? '',
    }));
    closers.push(() => listener.close());
    return made;
  }

  async function post(from: MeshStore): Promise<string> {
    const answer = await from.transport.post(to, { path: '/notify', headers: {}, body: 'secret' }, LIMITS);
    const parts: Uint8Array[] = [];
    for await (const chunk of answer.body) parts.push(chunk);
    return Buffer.concat(parts).toString();
  }

  async function refused(code: RefusalCode, from: MeshStore): Promise<void> {
    await assert.rejects(post(from), { code });
  }

  it('stores whose names stand in certificates of one authority reach each other', async () => {
    await listening(await store('mesh0:far', await authority.identity('mesh0:far')));
    assert.equal(await post(await store('mesh0:near', await authority.identity('near'))), 'mesh0:near');
  });

  it('a name that is not in the certificate is refused', async () => {
    const far = await listening(await store('mesh0:far', await authority.identity('far')));
    await refused('NAME_NOT_PROVEN', await store('mesh0:near', await authority.identity('another')));
    assert.match(far.warnings.join(), /NAME_NOT_PROVEN/);
  });

  it('a store that says it is another than its certificate is not believed', async () => {
    await listening(await store('mesh0:far', await authority.identity('another')));
    await refused('NAME_NOT_PROVEN', await store('mesh0:near', await authority.identity('near')));
  });

  it('another authority is refused, an expired certificate too', async () => {
    const far = await listening(await store('mesh0:far', await authority.identity('far')));
    const stranger = await (await Authority.make()).identity('near');
    await refused('CERTIFICATE_UNTRUSTED', await store('mesh0:near', stranger));
    await refused('CERTIFICATE_UNTRUSTED', await store('mesh0:near', await authority.identity('near', -0.5)));
    assert.match(far.warnings.join(), /CERTIFICATE_UNTRUSTED/);
  });

  it('a store with a key and one with certificates do not fit', async () => {
    await listening(await store('mesh0:far', await authority.identity('far')));
    const withKey = meshTransport(keyMembership('mesh0:near', makeMeshKey()), await testIdentity());
    open.push(withKey);
    await refused('CERTIFICATE_REQUIRED', withKey);
  });

  it('a renewed certificate is shown without a restart, by both sides', async () => {
    const far = await listening(await store('mesh0:far', await authority.identity('far', -0.5)));
    const near = await store('mesh0:near', await authority.identity('near', -0.5));
    await refused('CERTIFICATE_UNTRUSTED', near);
    far.transport.renew(await authority.identity('far'));
    near.transport.renew(await authority.identity('near'));
    assert.equal(await post(near), 'mesh0:near');
  });
});
