import { helper, startFlow, userDir, type FlowNode as StagedNode } from '../support/node-red.js';
import { isObject, type JsonObject } from './json.js';
import type { FlowNode } from './recording.js';
import type { World } from './world.js';

/** What comes out of debug outputs is free (NODES.md, "redlink store"). */
const FREE_PORT = 'debug';

/** Called with what leaves a node's output; `from` is `NODE.PORT` with ids as recorded. */
export type OnOutput = (from: string, msg: unknown) => void;

/** What a scene puts on the stage. */
export interface Cast {
  readonly world: World;
  readonly nodes: readonly FlowNode[];
  /** Properties of the consumers that are not as recorded; where there are any, nothing answers behind them. */
  readonly consumers: JsonObject;
  readonly onOutput: OnOutput;
  /** The work of a consumer's flow on a message, where the recording says that it takes its time. */
  readonly work: (msg: unknown) => Promise<void>;
}

/** Starts the nodes of all scenes in one Node-RED, each scene with names of its own. */
export async function raise(casts: readonly Cast[]): Promise<void> {
  await startFlow(casts.flatMap(stagedNodes), {}, { largeMessagesDirectory: userDir });
  casts.forEach(listen);
}

/** Ends what {@link raise} started. */
export async function strike(): Promise<void> {
  await helper.unload();
}

/** Sends a message into a node of a scene, ids as recorded. The message itself is given on, so that the node can mark it. */
export function sendInto(world: World, node: string, msg: JsonObject): void {
  helper.getNode(world.toOurs(node)).receive(msg);
}

/** The nodes as 3.0.5's flow has them, and an ear for each output. */
function stagedNodes(cast: Cast): StagedNode[] {
  const tab = { id: `tab-${cast.world.tag}`, type: 'tab', label: cast.world.tag };
  const ears = earsOf(cast.nodes).map((id) => ({ id: cast.world.toOurs(id), type: 'helper', wires: [] }));
  const nodes = [...cast.nodes.map((node) => stagedNode(cast, node)), ...ears];
  return [tab, ...nodes.map((node) => ({ ...node, ...ON_CANVAS, z: tab.id }))];
}

/** What has a place is no configuration node: Node-RED then does not look for node ids in its properties. */
const ON_CANVAS = { x: 0, y: 0 };

function stagedNode(cast: Cast, node: FlowNode): StagedNode {
  const properties = isObject(node.properties) ? node.properties : {};
  const changes = node.type === 'redlink consumer' ? cast.consumers : {};
  const isSilent = Object.keys(changes).length > 0;
  const wires = node.wires.map((port) => port.filter((target) => !isSilent || isEar(target, cast.nodes)));
  return {
    ...cast.world.toOurs({ ...properties, ...changes }),
    id: cast.world.toOurs(node.id),
    type: node.type,
    wires: cast.world.toOurs(wires),
  };
}

function listen(cast: Cast): void {
  for (const ear of earsOf(cast.nodes)) {
    const answer = answerer(cast, ear);
    helper.getNode(cast.world.toOurs(ear)).on('input', (msg: unknown) => {
      answer(msg);
    });
  }
}

/** What happens to a message that comes out of a wire: it is noted, or a consumer's flow answers it. */
function answerer(cast: Cast, ear: string): (msg: unknown) => void {
  const [, node, port] = /^t_(\w+)_(\w+)$/.exec(ear) ?? [];
  if (node !== undefined && port !== undefined) {
    return (msg) => {
      if (port !== FREE_PORT) {
        cast.onOutput(`${node}.${port}`, msg);
      }
    };
  }
  const consumer = cast.nodes.find((one) => one.wires.flat().includes(ear))?.id ?? '';
  const reply = (msg: unknown, fields: JsonObject): void => {
    helper
      .getNode(cast.world.toOurs(consumer))
      .receive({ ...(typeof msg === 'object' ? msg : {}), ...fields });
  };
  return ear === 'ackE'
    ? (msg) => {
        reply(msg, { payload: { ok: true }, cerror: 'something went wrong' });
      }
    : (msg) => {
        void cast.work(msg).then(() => {
          reply(msg, { payload: { ok: 2 } });
        });
      };
}

/** Wire targets that are no Redlink nodes. */
export function earsOf(nodes: readonly FlowNode[]): string[] {
  return [...new Set(nodes.flatMap((node) => node.wires.flat()))].filter((target) => isEar(target, nodes));
}

function isEar(target: string, nodes: readonly FlowNode[]): boolean {
  return nodes.every(({ id }) => id !== target);
}
