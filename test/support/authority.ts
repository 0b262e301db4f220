import { generate } from 'selfsigned';
import type { TlsIdentity } from '../../src/transport/https/certificate.js';

const KEY = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;
const MS_PER_DAY = 86_400_000;
const VALID_DAYS = 365;

/** An organisation's authority, for tests of mutual TLS. */
export class Authority {
  private constructor(private readonly own: { readonly key: string; readonly cert: string }) {}

  static async make(): Promise<Authority> {
    const made = await generate([{ name: 'commonName', value: 'test authority' }], {
      ...KEY,
      extensions: [
        { name: 'basicConstraints', cA: true, critical: true },
        { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
      ],
    });
    return new Authority({ key: made.private, cert: made.cert });
  }

  /** A certificate for a store, with its name as a DNS name. */
  async identity(
    dnsName: string,
    validDays = VALID_DAYS,
  ): Promise<Required<Omit<TlsIdentity, 'passphrase'>>> {
    const made = await generate([{ name: 'commonName', value: 'store' }], {
      ...KEY,
      ca: this.own,
      notBeforeDate: new Date(Date.now() - MS_PER_DAY),
      notAfterDate: new Date(Date.now() + validDays * MS_PER_DAY),
      extensions: [
        { name: 'basicConstraints', cA: false },
        { name: 'subjectAltName', altNames: [{ type: 2, value: dnsName }] },
      ],
    });
    return { key: made.private, cert: made.cert, ca: this.own.cert };
  }
}
