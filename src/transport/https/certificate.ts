import { createSecureContext } from 'node:tls';
import { RedlinkError, describe } from '../../support/errors.js';
import type { Log } from '../../support/log.js';
import { repairCertificate, repairKey } from './pem.js';

/** How long a made certificate is valid. Nobody renews it by hand, and peers pin it or do not look. */
const VALID_YEARS = 10;

/** A made certificate is valid from this long ago: the clocks of peers may be a day off. */
const VALID_FROM_DAYS_AGO = 2;

/** Says what it is; the store's name is no business of a stranger. */
const COMMON_NAME = 'redlink';

/** A private key and the certificate chain for it, both PEM. */
export interface TlsIdentity {
  readonly key: string;
  readonly cert: string;
  /** Certificates of the authority that stands for all stores of the mesh (mutual TLS), PEM. */
  readonly ca?: string;
  readonly passphrase?: string;
}

/** Where a store keeps the certificate that was made for it, so that it stays the same after a restart. */
export interface CertificateKeeper {
  /** Undefined where none is kept yet. */
  load(): Promise<TlsIdentity | undefined>;
  save(identity: TlsIdentity): Promise<void>;
}

/**
 * A key and certificate as a user pasted them, made readable and checked against each other.
 * @throws RedlinkError `BAD_CONFIGURATION` with a short reason.
 */
export function givenIdentity(pasted: TlsIdentity): TlsIdentity {
  const { key, cert, ca, passphrase } = pasted;
  const identity: TlsIdentity = {
    // A key with a password comes from a file, as it is.
    key: passphrase === undefined ? repairKey(key) : key,
    cert: repairCertificate(cert),
    ...(ca === undefined ? {} : { ca: repairCertificate(ca) }),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
  try {
    createSecureContext(identity);
  } catch (thrown) {
    throw new RedlinkError('BAD_CONFIGURATION', `key and certificate: ${describe(thrown)}`, thrown);
  }
  return identity;
}

/** The identity kept for a store, or a new one where there is none that can be read. */
export async function ownIdentity(keeper: CertificateKeeper | undefined, log: Log): Promise<TlsIdentity> {
  const kept = await keptIdentity(keeper, log);
  if (kept !== undefined) return kept;
  const made = await makeIdentity();
  try {
    await keeper?.save(made);
  } catch (thrown) {
    log.warn(`the new certificate could not be kept, the next start makes another: ${describe(thrown)}`);
  }
  return made;
}

async function keptIdentity(
  keeper: CertificateKeeper | undefined,
  log: Log,
): Promise<TlsIdentity | undefined> {
  try {
    const kept = await keeper?.load();
    return kept === undefined ? undefined : givenIdentity(kept);
  } catch (thrown) {
    log.warn(`the kept certificate cannot be read, a new one is made: ${describe(thrown)}`);
    return undefined;
  }
}

/** A new self-signed certificate on the curve P-256, made outside the main thread. */
export async function makeIdentity(): Promise<TlsIdentity> {
  const { generate } = await import('selfsigned');
  const notBeforeDate = new Date();
  notBeforeDate.setDate(notBeforeDate.getDate() - VALID_FROM_DAYS_AGO);
  const notAfterDate = new Date();
  notAfterDate.setFullYear(notAfterDate.getFullYear() + VALID_YEARS);
  const made = await generate([{ name: 'commonName', value: COMMON_NAME }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate,
    notAfterDate,
  });
  return { key: repairKey(made.private), cert: repairCertificate(made.cert) };
}
