/** Flows for whole Node-RED processes: the three nodes, each output wired to a probe. */

/** A node as a flow file holds it. */
export interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly [property: string]: unknown;
}

/** Where a store is reached. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

const TAB = 'tab';
const MESH = 'mesh0';
const MOST_OUTPUTS = 3;

/** Seconds that a producer of a test waits for a reply: longer than any test, so that nothing fails by itself. */
const DEADLINE_S = 120;

/** The id of the probe at an output, by its number from 0. */
export function probeAt(id: string, output: number): string {
  return `${id}.${output}`;
}

/**
 * A store of the mesh `mesh0`, named as its id.
 * @param norths - its north peers
 */
export function store(
  id: string,
  { host, port }: Place,
  norths: readonly Place[] = [],
  properties: Record<string, unknown> = {},
): FlowNode[] {
  const headers = norths.map((north) => ({
    ip: north.host,
    port: String(north.port),
    redistribute: 'false',
  }));
  const own = {
    name: id,
    meshName: MESH,
    listenAddress: host,
    listenPort: String(port),
    headers,
    outputs: 1,
  };
  return withProbes({ id, type: 'redlink store', ...own, ...properties });
}

/** A producer of the store that sends to the service. */
export function producer(
  id: string,
  storeId: string,
  service: string,
  properties: Record<string, unknown> = {},
): FlowNode[] {
  const own = { name: id, producerStoreName: `${MESH}:${storeId}`, producerConsumer: service, outputs: 3 };
  return withProbes({ id, type: 'redlink producer', ...own, producerETT: DEADLINE_S, ...properties });
}

/** A consumer of the store that offers the service, and says what it receives; nothing answers for it. */
export function consumer(
  id: string,
  storeId: string,
  service: string,
  properties: Record<string, unknown> = {},
): FlowNode[] {
  return withProbes(consumerNode(id, storeId, service, properties));
}

/** A consumer that answers with the payload, or with its length. */
export function echo(
  id: string,
  storeId: string,
  service: string,
  { measure = false, ...properties }: Record<string, unknown> = {},
): FlowNode[] {
  const answering = `${id}-echo`;
  const [node, ...probes] = withProbes(consumerNode(id, storeId, service, properties));
  const wires = [[answering], [probeAt(id, 1)], [probeAt(id, 2)]];
  return [
    { ...node, id, type: 'redlink consumer', wires },
    ...probes,
    placed({ id: answering, type: 'echo', measure, wires: [[id]] }),
  ];
}

/** The whole of a flow file. */
export function flowOf(...parts: readonly FlowNode[][]): FlowNode[] {
  return [{ id: TAB, type: 'tab', label: 'Test' }, ...parts.flat()];
}

function consumerNode(
  id: string,
  storeId: string,
  service: string,
  properties: Record<string, unknown>,
): FlowNode {
  const own = { name: service, consumerStoreName: `${MESH}:${storeId}`, outputs: 3 };
  return { id, type: 'redlink consumer', ...own, intransit: 20, ...properties };
}

function withProbes(node: FlowNode): [FlowNode, ...FlowNode[]] {
  const probes = Array.from({ length: MOST_OUTPUTS }, (_, output) => probeAt(node.id, output));
  const wires = probes.map((id) => [id]);
  return [placed({ ...node, wires }), ...probes.map((id) => placed({ id, type: 'probe', wires: [] }))];
}

/** What has a place on the canvas is no configuration node. */
function placed(node: FlowNode): FlowNode {
  return { ...node, z: TAB, x: 0, y: 0 };
}
