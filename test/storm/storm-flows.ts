/** The flows of the storms over whole Node-RED processes, with what a deploy may change in them. */
import { KINDS } from './ledger.js';
import type { StormNode } from './storm-node-red.js';

const MESH = 'storm';
export const SERVICE = 'storm';
/** Longer than any storm, s, so that nothing fails by itself. */
const DEADLINE_S = 7_200;
const MAX_DELIVER = 1_000;
const IN_TRANSIT_LIMIT = 50;

/** Where a store is, and how it proves itself. */
export interface StormStore {
  readonly name: string;
  readonly port: number;
  readonly norths: readonly number[];
  /** Undefined: security `legacy`. */
  readonly meshKey: string | undefined;
}

function node(id: string, tab: string, type: string, wires: string[][], more: object = {}): StormNode {
  return { ...more, id, type, z: tab, x: 0, y: 0, wires };
}

/** A store on a tab of its own. */
export function storeNodes({ name, port, norths, meshKey }: StormStore): StormNode[] {
  const headers = norths.map((north) => ({ ip: '127.0.0.1', port: String(north), redistribute: 'true' }));
  const keyed =
    meshKey === undefined ? { security: 'legacy' } : { security: 'mesh', credentials: { meshKey } };
  const listens = { listenAddress: '127.0.0.1', listenPort: String(port) };
  return [
    { id: 'store-tab', type: 'tab', label: 'store' },
    node('store', 'store-tab', 'redlink store', [[]], {
      name,
      meshName: MESH,
      ...listens,
      headers,
      ...keyed,
    }),
  ];
}

/** One that only sends has nothing but its failure output. */
function outputsOf(kind: string): string[][] {
  return kind === 'sendOnly' ? [['failures'], ['sink'], ['sink']] : [['replies'], ['sink'], ['failures']];
}

/** A producer of each kind. */
export function producerNodes(store: string): StormNode[] {
  const producer = (kind: string): StormNode =>
    node(`producer-${kind}`, 'work-tab', 'redlink producer', outputsOf(kind), {
      name: kind,
      producerStoreName: `${MESH}:${store}`,
      producerConsumer: SERVICE,
      producerETT: DEADLINE_S,
      notifyInterval: 1,
      sendOnly: kind === 'sendOnly',
      redeliver: kind === 'redeliver',
      maxDeliver: MAX_DELIVER,
    });
  return [
    { id: 'work-tab', type: 'tab', label: 'work' },
    ...KINDS.map(producer),
    node('replies', 'work-tab', 'storm sink', [], { saw: 'replied' }),
    node('failures', 'work-tab', 'storm sink', [], { saw: 'failed' }),
    node('sink', 'work-tab', 'storm sink', []),
  ];
}

/** A consumer whose flow takes a while, up to `delayMs`, to answer. */
export function consumerNodes(store: string, delayMs: number): StormNode[] {
  return [
    { id: 'work-tab', type: 'tab', label: 'work' },
    node('consumer', 'work-tab', 'redlink consumer', [['echo'], ['sink'], ['sink']], {
      name: SERVICE,
      consumerStoreName: `${MESH}:${store}`,
      intransit: IN_TRANSIT_LIMIT,
    }),
    node('echo', 'work-tab', 'storm echo', [['consumer']], { delay: delayMs }),
    node('sink', 'work-tab', 'storm sink', []),
  ];
}

/** The flow with a property of a node changed. */
export function changed(flow: readonly StormNode[], id: string, properties: object): StormNode[] {
  return flow.map((found) => (found.id === id ? { ...found, ...properties } : found));
}

/** The flow without a node. */
export function without(flow: readonly StormNode[], id: string): StormNode[] {
  return flow.filter((found) => found.id !== id);
}
