import { KeyRing, parseMeshKey } from '../../src/security/mesh-key.js';
import { RedlinkError } from '../../src/support/errors.js';
import type { TlsSource } from './tls-source.js';
import { booleanOr, textOf } from './values.js';

/** How a store proves itself, and who may speak to it (SECURITY.md, "Two modes"). */
export type SecurityChoice =
  | { readonly mode: 'legacy'; readonly allowPublic: boolean }
  | { readonly mode: 'mesh'; readonly proof: MeshProof | undefined };

/** Either a key that the mesh shares, or certificates of an authority. */
export type MeshProof =
  | { readonly kind: 'key'; readonly keys: KeyRing }
  | { readonly kind: 'certificate'; readonly source: TlsSource };

/** Properties and credentials as Node-RED hands them over, and the tls-config nodes of the flow. */
export interface SecuritySources {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly credentials: Readonly<Record<string, unknown>>;
  readonly tlsSource: (id: string) => TlsSource;
}

/** @throws RedlinkError `BAD_CONFIGURATION` with a reason short enough for a status */
export function readSecurity({ properties, credentials, tlsSource }: SecuritySources): SecurityChoice {
  const mode = textOf(properties['security']) || 'legacy';
  if (mode === 'legacy') return { mode, allowPublic: booleanOr(properties['allowPublic'], false) };
  if (mode !== 'mesh') throw new RedlinkError('BAD_CONFIGURATION', `${mode} is no security mode`);
  const tls = textOf(properties['tls']);
  if (tls !== '') return { mode, proof: { kind: 'certificate', source: tlsSource(tls) } };
  const current = textOf(credentials['meshKey']);
  if (current === '') return { mode, proof: undefined };
  const former = textOf(credentials['meshKeyOld']);
  const keys = new KeyRing(parseMeshKey(current), former === '' ? undefined : parseMeshKey(former));
  return { mode, proof: { kind: 'key', keys } };
}
