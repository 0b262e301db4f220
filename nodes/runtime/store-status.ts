import type { NodeStatus } from 'node-red';
import type { Store } from '../../src/store/store.js';
import type { ErrorCode } from '../../src/support/errors.js';
import type { StoreSecurity } from './store-security.js';

/** Why a peer does not fit, in as many words as a status has room for. */
const SHORT_REASONS: Partial<Readonly<Record<ErrorCode, string>>> = {
  BAD_SIGNATURE: 'bad signature',
  CERTIFICATE_MISMATCH: 'wrong certificate',
  CERTIFICATE_REQUIRED: 'no client certificate',
  CERTIFICATE_UNTRUSTED: 'certificate not trusted',
  CLOCK_SKEW: 'clocks differ',
  MESH_KEY_UNKNOWN: 'another mesh key',
  NAME_NOT_PROVEN: 'name not in certificate',
  NOT_A_STORE: 'no redlink store',
  NOT_SIGNED: 'other security mode',
  OTHER_MESH: 'another mesh name',
  PEER_IS_LEGACY: 'legacy mode',
  REPLAYED: 'request came twice',
  WRONG_AUDIENCE: 'another store',
};

/** A running store as its node shows it (NODES.md, "Status, one table"): the first that applies. */
export function storeStatus(store: Store, security: StoreSecurity): NodeStatus {
  if (store.full) return { fill: 'red', shape: 'dot', text: 'full' };
  if (!security.hasNetwork) {
    return { fill: 'yellow', shape: 'ring', text: 'no mesh key: own process only' };
  }
  const [lost, ...others] = store.lostNorths();
  if (lost !== undefined) {
    const reason = lost.trouble && SHORT_REASONS[lost.trouble.code];
    const more = others.length > 0 ? ` +${others.length}` : '';
    const text = `lost north ${lost.storeName ?? lost.key}${more}`;
    return { fill: 'yellow', shape: 'ring', text: reason === undefined ? text : `${text}: ${reason}` };
  }
  const { local, known } = store.consumerCounts();
  const text = [`Local(${local}) Global(${known})`, ...remarks(security)].join(' ');
  return { fill: local > 0 ? 'green' : 'yellow', shape: 'dot', text };
}

function remarks(security: StoreSecurity): string[] {
  const found: string[] = [];
  if (security.choice.mode === 'legacy') found.push('legacy');
  if (security.certificate?.notice !== undefined) found.push(security.certificate.notice);
  const refusal = security.notices.shown(performance.now());
  if (refusal !== undefined && security.choice.mode === 'mesh') {
    found.push(`refused ${refusal.who}: ${SHORT_REASONS[refusal.error.code] ?? refusal.error.code}`);
  }
  return found;
}

/** What the log says once at the start of a store; undefined where nothing needs saying. */
export function modeWarning(name: string, security: StoreSecurity): string | undefined {
  if (security.choice.mode === 'legacy') {
    return `store ${name} runs in legacy mode, as redlink 3: peers do not prove who they are`;
  }
  if (!security.hasNetwork) {
    return `store ${name} has no mesh key or certificate yet: it serves this Node-RED alone`;
  }
  return undefined;
}
