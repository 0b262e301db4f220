import assert from 'node:assert/strict';
import { X509Certificate, createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { connect } from 'node:tls';
import { RedlinkError } from '../../src/support/errors.js';
import { SILENT_LOG, type Log } from '../../src/support/log.js';
import {
  givenIdentity,
  makeIdentity,
  ownIdentity,
  type CertificateKeeper,
  type TlsIdentity,
} from '../../src/transport/https/certificate.js';
import { repairCertificate, repairKey } from '../../src/transport/https/pem.js';
import { HttpsTransport } from '../../src/transport/https/transport.js';
import { readAll } from './bodies.js';
import { freeAddress, testIdentity } from './https-arena.js';

describe('the certificate of a store', () => {
  it('is self-signed on P-256 and valid for years, from before now', async () => {
    const { cert, key } = await makeIdentity();
    const certificate = new X509Certificate(cert);
    assert.ok(certificate.checkPrivateKey(createPrivateKey(key)));
    assert.ok(certificate.verify(certificate.publicKey));
    assert.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
    const dayMs = 86_400_000;
    assert.ok(new Date(certificate.validFrom).getTime() < Date.now() - dayMs);
    assert.ok(new Date(certificate.validTo).getTime() > Date.now() + 9 * 365 * dayMs);
  });

  it('is made once and stays the same after a restart', async () => {
    const keeper = memoryKeeper();
    const first = await ownIdentity(keeper, SILENT_LOG);
    assert.deepEqual(await ownIdentity(keeper, SILENT_LOG), first);
  });

  it('is made anew, with a warning, where what is kept cannot be read', async () => {
    const keeper = memoryKeeper({ key: 'damaged', cert: 'damaged' });
    const log = countingLog();
    const made = await ownIdentity(keeper, log);
    assert.equal(log.warnings, 1);
    assert.deepEqual(await ownIdentity(keeper, log), made);
  });

  it('is used, with a warning, even where it cannot be kept', async () => {
    const log = countingLog();
    const keeper: CertificateKeeper = {
      load: async () => undefined,
      save: async () => {
        throw new Error('disk full');
      },
    };
    assert.match((await ownIdentity(keeper, log)).cert, /BEGIN CERTIFICATE/);
    assert.equal(log.warnings, 1);
  });

  it('is refused where key and certificate do not belong together', async () => {
    const { cert } = await testIdentity();
    const { key } = await makeIdentity();
    assert.throws(() => givenIdentity({ key, cert }), badConfiguration);
  });

  it('is replaced while the listener runs', async () => {
    const old = await testIdentity();
    const transport = new HttpsTransport({ tls: old, env: {}, log: SILENT_LOG });
    const address = await freeAddress();
    const listener = await transport.listen({ address }, async () => ({
      status: 200,
      headers: {},
      body: '',
    }));
    assert.equal(await shown(address.port), fingerprint(old));
    const renewed = await makeIdentity();
    listener.setIdentity(renewed);
    assert.equal(await shown(address.port), fingerprint(renewed));
    await listener.close();
  });

  it('comes out of a pasted text for the whole transport', async () => {
    const { key, cert } = await testIdentity();
    const pasted = { key: key.replaceAll('\n', ' '), cert: cert.replaceAll('\n', '') };
    const transport = new HttpsTransport({ tls: pasted, env: {}, log: SILENT_LOG });
    const address = await freeAddress();
    const listener = await transport.listen({ address }, async () => ({
      status: 200,
      headers: {},
      body: 'ok',
    }));
    const request = { path: '/notify', headers: {}, body: '' };
    const answer = await transport.post(address, request, { answerWithinMs: 5_000, idleMs: 5_000 });
    assert.equal(await readAll(answer.body), 'ok');
    await listener.close();
    await transport.close();
  });

  it('keeps a listener from opening where it cannot be read', async () => {
    const transport = new HttpsTransport({ tls: { key: 'x', cert: 'y' }, env: {}, log: SILENT_LOG });
    const address = await freeAddress();
    const opening = transport.listen({ address }, async () => ({ status: 200, headers: {}, body: '' }));
    await assert.rejects(opening, badConfiguration);
  });
});

describe('a pasted PEM text', () => {
  const damages: [string, (pem: string) => string][] = [
    ['nothing', (pem) => pem],
    ['line breaks lost', (pem) => pem.replaceAll('\n', '')],
    ['line breaks turned into blanks', (pem) => pem.replaceAll('\n', ' ')],
    ['line breaks written out', (pem) => pem.replaceAll('\n', String.raw`\n`)],
    ['line breaks of Windows', (pem) => pem.replaceAll('\n', '\r\n')],
    ['all white space lost', (pem) => pem.replaceAll(/\s/g, '')],
    ['text around it', (pem) => `Bag Attributes\n  friendlyName: x\n${pem}\nthe end`],
    ['indented', (pem) => pem.replaceAll(/^/gm, '    ')],
  ];

  for (const [damage, apply] of damages) {
    it(`is read in spite of: ${damage}`, async () => {
      const { key, cert } = await testIdentity();
      assert.deepEqual(givenIdentity({ key: apply(key), cert: apply(cert) }), {
        key: repairKey(key),
        cert: repairCertificate(cert),
      });
    });
  }

  it('may hold any kind of private key, with other blocks before it', () => {
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const texts = [
      `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${ec.export({ type: 'sec1', format: 'pem' }).toString()}`,
      rsa.export({ type: 'pkcs1', format: 'pem' }).toString(),
      rsa.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ];
    const keys = texts.map((text) => createPrivateKey(repairKey(text.replaceAll('\n', ''))));
    assert.deepEqual(
      keys.map((key) => key.asymmetricKeyType),
      ['ec', 'rsa', 'rsa'],
    );
  });

  it('may hold a chain of certificates, whose order stays', async () => {
    const first = (await testIdentity()).cert.trim();
    const second = (await makeIdentity()).cert.trim();
    const repaired = repairCertificate(`${first} ${second}`.replaceAll('\n', ''));
    const fingerprints = repaired
      .split(/(?<=-----END CERTIFICATE-----\n)/)
      .map((pem) => new X509Certificate(pem).fingerprint256);
    assert.deepEqual(
      fingerprints,
      [first, second].map((pem) => new X509Certificate(pem).fingerprint256),
    );
  });

  it('is refused with a short reason where there is nothing to read', () => {
    const locked = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' })
      .toString();
    for (const text of ['', 'hello', '-----BEGIN PRIVATE KEY-----', locked]) {
      assert.throws(() => repairKey(text), badConfiguration, text);
      assert.throws(() => repairCertificate(text), badConfiguration, text);
    }
  });
});

function badConfiguration(thrown: unknown): boolean {
  return thrown instanceof RedlinkError && thrown.code === 'BAD_CONFIGURATION' && thrown.message.length < 120;
}

function memoryKeeper(kept?: TlsIdentity): CertificateKeeper {
  let held = kept;
  return {
    load: async () => held,
    save: async (identity) => {
      held = identity;
    },
  };
}

function countingLog(): Log & { warnings: number } {
  return {
    ...SILENT_LOG,
    warnings: 0,
    warn() {
      this.warnings += 1;
    },
  };
}

function fingerprint({ cert }: TlsIdentity): string {
  return new X509Certificate(cert).fingerprint256;
}

/** Fingerprint of the certificate that a listener on loopback shows. */
async function shown(port: string): Promise<string> {
  const socket = connect({ port: Number(port), host: '127.0.0.1', rejectUnauthorized: false });
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}
