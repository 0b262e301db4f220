import type { NodeStatus } from 'node-red';
import type { Store } from '../../src/store/store.js';
import type { ErrorCode } from '../../src/support/errors.js';
import type { Log } from '../../src/support/log.js';
import type { Catalogue } from './catalogue.js';
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
export function storeStatus(store: Store, security: StoreSecurity, catalogue: Catalogue): NodeStatus {
  if (store.full) return { fill: 'red', shape: 'dot', text: catalogue.text('status.full', 'full') };
  const parked = parkedText(store.servicesWithoutRoom(), catalogue);
  if (!security.hasNetwork) {
    const noKey = catalogue.text('status.noKey', 'no mesh key: this Node-RED only');
    return { fill: 'yellow', shape: 'ring', text: [noKey, ...parked].join(' ') };
  }
  const [lost, ...others] = store.lostNorths();
  if (lost !== undefined) {
    const more = others.length > 0 ? ` +${others.length}` : '';
    const name = `${lost.storeName ?? lost.key}${more}`;
    return { fill: 'yellow', shape: 'ring', text: lostText(name, lost.trouble?.code, catalogue) };
  }
  const { local, known } = store.consumerCounts();
  const consumers = catalogue.text('status.consumers', `Local(${local}) Global(${known})`, { local, known });
  const memory = store.keepsNothing ? [catalogue.text('status.memory', 'memory')] : [];
  const text = [consumers, ...remarks(security, catalogue), ...memory, ...parked].join(' ');
  return { fill: local > 0 ? 'green' : 'yellow', shape: 'dot', text };
}

/** Messages wait, and every consumer of their service is full. */
function parkedText([service, ...others]: readonly string[], catalogue: Catalogue): string[] {
  if (service === undefined) return [];
  const name = others.length > 0 ? `${service} +${others.length}` : service;
  return [catalogue.text('status.parked', `parked (no room): ${name}`, { name })];
}

function lostText(name: string, code: ErrorCode | undefined, catalogue: Catalogue): string {
  const reason = code === undefined ? undefined : shortReason(code, catalogue);
  if (reason === undefined) return catalogue.text('status.lostNorth', `lost north ${name}`, { name });
  return catalogue.text('status.lostNorthBecause', `lost north ${name}: ${reason}`, { name, reason });
}

function shortReason(code: ErrorCode, catalogue: Catalogue): string | undefined {
  const english = SHORT_REASONS[code];
  return english === undefined ? undefined : catalogue.text(`status.reason.${code}`, english);
}

function remarks({ choice, certificate, notices }: StoreSecurity, catalogue: Catalogue): string[] {
  const found: string[] = [];
  if (choice.mode === 'legacy') found.push(catalogue.text('status.legacy', 'legacy'));
  if (certificate?.notice !== undefined) {
    const days = certificate.daysLeft;
    found.push(catalogue.text(days < 0 ? 'status.expired' : 'status.expires', certificate.notice, { days }));
  }
  const refusal = notices.shown(performance.now());
  if (refusal !== undefined && choice.mode === 'mesh') {
    const { who, error } = refusal;
    const reason = shortReason(error.code, catalogue) ?? error.code;
    found.push(catalogue.text('status.refused', `refused ${who}: ${reason}`, { who, reason }));
  }
  return found;
}

/** Says in the log, once at the start of a store, what is to be known of its mode. */
export function logMode(name: string, security: StoreSecurity, catalogue: Catalogue, log: Log): void {
  if (security.choice.mode === 'legacy') {
    const english = `store ${name} runs in legacy mode, as redlink 3: peers do not prove who they are`;
    log.warn(catalogue.text('log.legacy', english, { name }));
  } else if (!security.hasNetwork) {
    // No warning: one Node-RED alone needs no key, and the status of the node says it as well.
    const english = `store ${name} has no mesh key or certificate yet: it serves this Node-RED alone`;
    log.info(catalogue.text('log.noKey', english, { name }));
  }
}
