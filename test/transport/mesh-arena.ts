import { KeyMembership } from '../../src/security/key-membership.js';
import type { Membership } from '../../src/security/membership.js';
import { KeyRing, parseMeshKey } from '../../src/security/mesh-key.js';
import { PeerNotices } from '../../src/security/peer-notices.js';
import type { Log } from '../../src/support/log.js';
import { SILENT_LOG } from '../../src/support/log.js';
import type { TlsIdentity } from '../../src/transport/https/certificate.js';
import { HttpsTransport } from '../../src/transport/https/transport.js';

/** A transport in mesh mode, and the warnings that it gave. */
export interface MeshStore {
  readonly transport: HttpsTransport;
  readonly warnings: string[];
}

/** Membership by key. @param keys the current key and, during a change, the former one */
export function keyMembership(storeName: string, ...keys: readonly [string, string?]): KeyMembership {
  const [current, former] = keys;
  const ring = new KeyRing(parseMeshKey(current), former === undefined ? undefined : parseMeshKey(former));
  return new KeyMembership(storeName, ring);
}

/** A transport in mesh mode. */
export function meshTransport(membership: Membership, tls: TlsIdentity): MeshStore {
  const { log, warnings } = listeningLog();
  const notices = new PeerNotices(log);
  const security = { mode: 'mesh', membership, notices } as const;
  return { transport: new HttpsTransport({ tls, env: {}, log, security }), warnings };
}

/** A transport in legacy mode. */
export function legacyTransport(storeName: string, tls: TlsIdentity): MeshStore {
  const { log, warnings } = listeningLog();
  const security = { mode: 'legacy', storeName, notices: new PeerNotices(log) } as const;
  return { transport: new HttpsTransport({ tls, env: {}, log, security }), warnings };
}

function listeningLog(): { log: Log; warnings: string[] } {
  const warnings: string[] = [];
  const warn = (text: string): void => {
    warnings.push(text);
  };
  return { log: { ...SILENT_LOG, warn }, warnings };
}
