import { generate } from 'selfsigned';
import type { Certificate } from './legacy-store.js';

/** Bits of the RSA key of a 3.0.5 store (WIRE.md 1). */
const KEY_BITS = 2048;

/** A self-signed certificate like 3.0.5's; one serves all stand-ins, since nobody verifies it. */
export async function legacyCertificate(): Promise<Certificate> {
  const made = await generate([{ name: 'commonName', value: 'redlink' }], { keySize: KEY_BITS });
  return { key: made.private, cert: made.cert };
}
