import { KeyMembership } from '../../src/security/key-membership.js';
import { KeyRing, parseMeshKey } from '../../src/security/mesh-key.js';
import { PeerNotices } from '../../src/security/peer-notices.js';
import { asError, RedlinkError, type ErrorCode } from '../../src/support/errors.js';
import { SILENT_LOG } from '../../src/support/log.js';
import type { Looking } from '../../src/transport/https/inspect.js';
import { instance } from './instance.js';
import { isRecord, textOf } from './values.js';

/** What the editor shows of a peer. */
export interface PeerState {
  readonly host: string;
  readonly port: string;
  /** Whether something answered there at all. */
  readonly reachable: boolean;
  /** Why the two stores do not fit, or why nobody answered. */
  readonly code?: ErrorCode;
  readonly reason?: string;
  readonly storeName?: string | undefined;
  readonly version?: number | undefined;
  readonly fingerprint?: string | undefined;
  readonly mode?: 'mesh' | 'legacy';
  readonly keyId?: string | undefined;
}

const UNREACHABLE: ReadonlySet<ErrorCode> = new Set(['PEER_UNREACHABLE', 'PEER_TIMEOUT', 'CLOSED']);

/** Whatever stands in a name beside letters, digits and dots would lead elsewhere. */
const HOST = /^[\p{L}\p{N}_.:-]{1,253}$|^\[[0-9a-f:.]+\]$/iu;
const PORT = /^[1-9]\d{0,4}$/;

/** Looks at a peer for the form, or says what is missing for that. @throws RedlinkError `BAD_REQUEST` */
export async function testPeer(asked: unknown): Promise<PeerState> {
  const fields = isRecord(asked) ? asked : {};
  const address = { host: textOf(fields['host']), port: textOf(fields['port']) };
  if (!HOST.test(address.host) || !PORT.test(address.port)) {
    throw new RedlinkError('BAD_REQUEST', 'no host and port');
  }
  let looking: Looking;
  try {
    looking = await lookingAs(fields);
  } catch (thrown) {
    // The form has a text of its own for each code: no key yet, or one that is none.
    return { ...address, ...troubleState(thrown), reachable: false };
  }
  try {
    // Its libraries are loaded only where somebody looks.
    const { inspectPeer } = await import('../../src/transport/https/inspect.js');
    return { ...address, reachable: true, ...(await inspectPeer(address, looking)) };
  } catch (thrown) {
    return { ...address, ...troubleState(thrown) };
  }
}

/** How the north peers of a running store are; none where it does not run. */
export function peerStates(storeName: string): (PeerState & { readonly redistribute: boolean })[] {
  const store = instance.find(storeName);
  return (store?.norths() ?? []).map(({ address, redistribute, reachable, trouble, storeName: peer }) => ({
    ...address,
    redistribute,
    ...(reachable || trouble === undefined ? { reachable } : troubleState(trouble)),
    ...(peer === undefined ? {} : { storeName: peer }),
  }));
}

/** As the store of the form would: with the key that it holds, or what the running store has. */
async function lookingAs(fields: Readonly<Record<string, unknown>>): Promise<Looking> {
  const storeName = textOf(fields['store']);
  const key = textOf(fields['meshKey']);
  const running = instance.securityOf(storeName);
  const mode = textOf(fields['security']) || running?.choice.mode || 'mesh';
  const base = { identity: undefined, notices: new PeerNotices(SILENT_LOG), env: process.env };
  if (mode === 'legacy') return { ...base, membership: undefined };
  if (key !== '') {
    return { ...base, membership: new KeyMembership(storeName, new KeyRing(parseMeshKey(key))) };
  }
  const membership = running?.membership;
  if (membership === undefined) throw new RedlinkError('NO_MESH_KEY', 'there is no mesh key to test with');
  return { ...base, membership, identity: await running?.identity() };
}

function troubleState(thrown: unknown): Pick<PeerState, 'reachable' | 'code' | 'reason'> {
  const error = asError(thrown);
  const code = thrown instanceof RedlinkError ? thrown.code : 'PEER_UNREACHABLE';
  return { reachable: !UNREACHABLE.has(code), code, reason: error.message };
}
