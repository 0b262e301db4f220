import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { NodeInitializer } from 'node-red';
import { CertificateMembership } from '../../src/security/certificate-membership.js';
import { PeerNotices } from '../../src/security/peer-notices.js';
import { SILENT_LOG } from '../../src/support/log.js';
import type { TlsIdentity } from '../../src/transport/https/certificate.js';
import type { HttpsOptions } from '../../src/transport/https/transport.js';
import { freePort } from '../support/free-port.js';
import { Authority } from '../support/authority.js';
import { type FlowNode, requireNodeRed } from '../support/node-red.js';
import { until } from '../support/outlet.js';
import { RemoteStore } from '../support/remote-store.js';
import { producerNode, storeNode, TestFlow } from '../support/test-flow.js';

/** The files are looked at every 2 s, and a busy machine takes its time, ms. */
const RENEWED_WITHIN_MS = 20_000;

/** Node-RED's own tls-config; its package lies where Node-RED finds it. */
function tlsConfig(): NodeInitializer {
  const loaded: unknown = createRequire(requireNodeRed.resolve('node-red'))(
    '@node-red/nodes/core/network/05-tls.js',
  );
  assert.ok(isInitializer(loaded));
  return loaded;
}

function isInitializer(loaded: unknown): loaded is NodeInitializer {
  return typeof loaded === 'function';
}

/** A store whose proof is the tls-config node `tls`. */
function certified(port: number, properties: Record<string, unknown> = {}): FlowNode {
  return storeNode('s', port, { security: 'mesh', tls: 'tls', ...properties });
}

/** Node-RED's own node, with texts that were pasted or with paths. */
function tlsNode(paths: Partial<Record<'cert' | 'key' | 'ca', string>> = {}): FlowNode {
  return { id: 'tls', type: 'tls-config', name: '', cert: '', key: '', ca: '', servername: '', ...paths };
}

function pasted({ key, cert, ca = '' }: TlsIdentity): Record<string, string> {
  return { keydata: key, certdata: cert, cadata: ca };
}

function proving(tls: TlsIdentity): Partial<HttpsOptions> {
  const membership = new CertificateMembership('mesh0:remote');
  return { tls, security: { mode: 'mesh', membership, notices: new PeerNotices(SILENT_LOG) } };
}

/** Fingerprint of the certificate that a listener shows now. */
async function shownAt(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

const fingerprintOf = ({ cert }: TlsIdentity): string => new X509Certificate(cert).fingerprint256;

describe('a store in mesh mode with the certificate of a tls-config node', () => {
  const folder = mkdtempSync(join(tmpdir(), 'redlink-tls-'));
  let authority: Authority;
  let flow: TestFlow | undefined;
  let remote: RemoteStore | undefined;

  before(async () => {
    authority = await Authority.make();
  });
  afterEach(async () => {
    await flow?.stop();
    await remote?.close();
    [flow, remote] = [undefined, undefined];
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(tls: FlowNode, store: FlowNode, identity?: TlsIdentity): Promise<TestFlow> {
    const credentials = identity === undefined ? {} : { tls: pasted(identity) };
    flow = await TestFlow.start([tls, store, producerNode('p')], {}, credentials, [tlsConfig()]);
    return flow;
  }

  function keep(identity: Required<Omit<TlsIdentity, 'passphrase'>>): {
    cert: string;
    key: string;
    ca: string;
  } {
    const at = (name: string): string => join(folder, `${name}.pem`);
    for (const name of ['key', 'ca', 'cert'] as const) writeFileSync(at(name), identity[name]);
    return { cert: at('cert'), key: at('key'), ca: at('ca') };
  }

  function northOf(port: number): Record<string, unknown> {
    return { headers: [{ ip: '127.0.0.1', port: String(port), redistribute: 'false' }] };
  }

  it('exchanges messages with a store of the same authority, the texts being pasted', async () => {
    const port = await freePort();
    remote = await RemoteStore.open(port, [], {}, proving(await authority.identity('mesh0:remote')));
    const consumer = remote.consumer();
    const store = certified(await freePort(), northOf(port));
    const running = await start(tlsNode(), store, await authority.identity('s'));
    await running.showsStatus('s', 'Local(0) Global(1)');
    running.send('p', { payload: 'work' });
    const { meta } = await consumer.received.next();
    await consumer.consumer.reply(meta.messageId, 'done', undefined);
    assert.equal((await running.out('p', 'receive').next())['payload'], 'done');
  });

  it('says on its node that another authority is not trusted', async () => {
    const port = await freePort();
    const other = await Authority.make();
    remote = await RemoteStore.open(port, [], {}, proving(await other.identity('mesh0:remote')));
    const store = certified(await freePort(), northOf(port));
    const running = await start(tlsNode(), store, await authority.identity('s'));
    await running.showsStatus('s', `lost north 127.0.0.1:${port}: certificate not trusted`);
  });

  it('warns in status and log of a certificate that ends soon, and shows its renewal without a restart', async () => {
    const port = await freePort();
    const [ending, renewed] = [await authority.identity('s', 10.5), await authority.identity('s')];
    const running = await start(tlsNode(keep(ending)), certified(port));
    await running.showsStatus('s', 'Local(0) Global(0) certificate expires in 10 days');
    assert.match(running.warningsLogged('s').join('\n'), /certificate expires in 10 days/);
    assert.equal(await shownAt(port), fingerprintOf(ending));
    keep(renewed);
    await running.showsStatus('s', 'Local(0) Global(0)', RENEWED_WITHIN_MS);
    assert.equal(await shownAt(port), fingerprintOf(renewed));
  }).timeout(RENEWED_WITHIN_MS * 2);

  it('keeps its certificate while the new files do not fit together, and takes them once they do', async () => {
    const port = await freePort();
    const [ending, renewed] = [await authority.identity('s', 5.5), await authority.identity('s')];
    const files = keep(ending);
    const running = await start(tlsNode(files), certified(port));
    await running.showsStatus('s', /expires in 5 days/);
    writeFileSync(files.cert, renewed.cert);
    await until(
      () => running.warningsLogged('s').some((line) => line.includes('cannot be used yet')),
      'nothing was said of half a renewal',
      RENEWED_WITHIN_MS,
    );
    assert.equal(await shownAt(port), fingerprintOf(ending));
    writeFileSync(files.key, renewed.key);
    await running.showsStatus('s', 'Local(0) Global(0)', RENEWED_WITHIN_MS);
    assert.equal(await shownAt(port), fingerprintOf(renewed));
  }).timeout(RENEWED_WITHIN_MS * 3);

  it('says that its certificate has expired', async () => {
    const running = await start(tlsNode(), certified(await freePort()), await authority.identity('s', -0.5));
    await running.showsStatus('s', 'Local(0) Global(0) certificate has expired');
  });

  it('is red, with the reason, where it could not prove itself', async () => {
    const whole = await authority.identity('s');
    const another = await authority.identity('another');
    const cases: [TlsIdentity, RegExp][] = [
      [another, /does not name mesh0:s/],
      [{ ...whole, ca: '' }, /no CA certificate/],
    ];
    for (const [identity, reason] of cases) {
      const running = await start(tlsNode(), certified(await freePort()), identity);
      await running.showsStatus('s', reason);
      assert.equal(running.status('s')?.fill, 'red');
      await running.stop();
    }
    flow = await TestFlow.start([certified(await freePort())], {}, {}, [tlsConfig()]);
    await flow.showsStatus('s', /tls-config node is missing/);
  });
});
