import { createServer } from 'node:net';
import type { Address } from '../../src/protocol/address.js';
import { SILENT_LOG } from '../../src/support/log.js';
import { makeIdentity, type TlsIdentity } from '../../src/transport/https/certificate.js';
import { HttpsTransport, type HttpsOptions } from '../../src/transport/https/transport.js';
import type { Arena } from './compliance.js';

let identity: Promise<TlsIdentity> | undefined;

/** One certificate for all tests. */
export function testIdentity(): Promise<TlsIdentity> {
  identity ??= makeIdentity();
  return identity;
}

/** An address of loopback whose port was free a moment ago. */
export async function freeAddress(): Promise<Address> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { host: '127.0.0.1', port: String(address.port) };
}

/** Real sockets on loopback. */
export async function httpsArena(more: Partial<HttpsOptions> = {}): Promise<Arena> {
  const tls = await testIdentity();
  const transports: HttpsTransport[] = [];
  return {
    transport: () => {
      const transport = new HttpsTransport({ tls, env: {}, log: SILENT_LOG, ...more });
      transports.push(transport);
      return transport;
    },
    freeAddress,
    during: (work) => work,
    close: async () => {
      await Promise.all(transports.map((transport) => transport.close()));
    },
  };
}
