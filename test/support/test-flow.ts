/** A flow of the three nodes in a real Node-RED runtime, with an ear at every output. */
import assert from 'node:assert/strict';
import type { Node, NodeAPI, NodeDef, NodeInitializer, NodeStatus } from 'node-red';
import { type DeployType, type FlowCredentials, type FlowNode, helper, startFlow } from './node-red.js';
import { type FlowMessage, Outlet, until } from './outlet.js';

const TAB = { id: 'tab', type: 'tab', label: 'Test' };
const EAR = 'redlink test ear';
const MOST_OUTPUTS = 4;
/** Ears of what the flow's `catch` and `complete` nodes give. */
const CAUGHT = 'caught';
const COMPLETED = 'completed';

/** Names of a node's outputs, in order. */
type Outputs = readonly string[];

/** A message that Node-RED's `catch` node gave: the error and where it came from. */
export interface Caught {
  readonly message: string;
  readonly source: string;
  readonly original: FlowMessage;
}

/** A store node: address and port of the loopback, mesh `mesh0`, named as its id. */
export function storeNode(
  id: string,
  listenPort: number,
  properties: Record<string, unknown> = {},
): FlowNode {
  const defaults = {
    name: id,
    meshName: 'mesh0',
    listenAddress: '127.0.0.1',
    listenPort: String(listenPort),
  };
  return redlinkNode(id, 'redlink store', { ...defaults, ...properties });
}

/** A producer node of the store `mesh0:s` that sends to the service `svc`. */
export function producerNode(id: string, properties: Record<string, unknown> = {}): FlowNode {
  const defaults = { name: id, producerStoreName: 'mesh0:s', producerConsumer: 'svc' };
  return redlinkNode(id, 'redlink producer', { ...defaults, ...properties });
}

/** A consumer node of the store `mesh0:s` that offers the service `svc`. */
export function consumerNode(id: string, properties: Record<string, unknown> = {}): FlowNode {
  return redlinkNode(id, 'redlink consumer', { name: 'svc', consumerStoreName: 'mesh0:s', ...properties });
}

function redlinkNode(id: string, type: string, properties: Record<string, unknown>): FlowNode {
  const wires = Array.from({ length: MOST_OUTPUTS }, (_, output) => [earId(id, output)]);
  // What has a place on the canvas is no configuration node.
  return { x: 0, y: 0, z: TAB.id, ...properties, id, type, wires };
}

function earId(id: string, output: number): string {
  return `${id}.${String(output)}`;
}

function outputsOf(node: FlowNode): Outputs {
  switch (node.type) {
    case 'redlink store':
      return ['command', ...(node['showRegistration'] === true ? ['registration'] : []), 'debug'];
    case 'redlink producer':
      return node['sendOnly'] === true ? ['failure', 'debug'] : ['receive', 'notify', 'failure', 'debug'];
    default:
      return ['receive', 'notify', 'failure', 'debug'];
  }
}

/** Everything of a flow that a test looks at. Nothing that comes out is missed, at the start neither. */
export class TestFlow {
  private readonly outlets = new Map<string, Outlet>();
  private readonly statuses = new Map<string, NodeStatus[]>();
  private nodes: readonly FlowNode[] = [];
  private starts = 0;
  private stopListening: () => void = () => undefined;

  private constructor(private readonly credentials: FlowCredentials) {}

  /**
   * @param settings - entries of `settings.js`
   * @param others - further node types that the flow uses
   */
  static async start(
    nodes: readonly FlowNode[],
    settings: Record<string, unknown> = {},
    credentials: FlowCredentials = {},
    others: readonly NodeInitializer[] = [],
  ): Promise<TestFlow> {
    const flow = new TestFlow(credentials);
    flow.nodes = nodes;
    await startFlow(withEars(nodes), credentials, settings, [
      (RED) => {
        flow.listen(RED);
      },
      ...others,
    ]);
    return flow;
  }

  /** Deploys another version of the flow, as the editor does. */
  async deploy(nodes: readonly FlowNode[], type: DeployType = 'full'): Promise<void> {
    this.nodes = nodes;
    const before = this.starts;
    try {
      await helper.setFlows(withEars(nodes), type, this.credentials);
    } catch (error) {
      // The helper is less patient than a busy machine needs.
      assert.match(String(error), /timeout waiting event/);
    }
    await until(() => this.starts > before, 'the flow did not start again');
  }

  async stop(): Promise<void> {
    await helper.unload();
    this.stopListening();
  }

  /** Sends a message into a node. The message itself is given on, so that a test sees what the node adds. */
  send(id: string, message: FlowMessage): FlowMessage {
    helper.getNode(id).receive(message);
    return message;
  }

  /** What comes out of an output, by its name: `receive`, `notify`, `failure`, `command`, … */
  out(id: string, output: string): Outlet {
    const node = this.nodes.find((one) => one.id === id);
    assert.ok(node !== undefined, `there is no node ${id}`);
    const place = outputsOf(node).indexOf(output);
    assert.ok(place >= 0, `${id} has no output ${output}`);
    return this.outlet(earId(id, place));
  }

  /** What comes out of an output, by its number from 0. */
  outNumber(id: string, output: number): Outlet {
    return this.outlet(earId(id, output));
  }

  /** Errors that a `catch` node of the flow gets. */
  caught(): Caught[] {
    return this.outlet(CAUGHT).messages.map((message) => {
      const { error, ...original } = message;
      const { message: text, source } = error as { message: string; source: { id: string } };
      return { message: text, source: source.id, original };
    });
  }

  /** Messages for which a node called `done()` without an error. */
  get completed(): Outlet {
    return this.outlet(COMPLETED);
  }

  /** Lets a consumer's flow answer each message that it receives with what `answer` returns. */
  replying(id: string, answer: (message: FlowMessage) => FlowMessage = echo): void {
    const outlet = this.out(id, 'receive');
    const push = outlet.push.bind(outlet);
    outlet.push = (message) => {
      push(message);
      helper.getNode(id).receive({ redlinkMsgId: message['redlinkMsgId'], ...answer(message) });
    };
  }

  /** The last status of a node. */
  status(id: string): NodeStatus | undefined {
    return this.statuses.get(id)?.at(-1);
  }

  /** All statuses of a node so far. */
  statusTexts(id: string): string[] {
    return (this.statuses.get(id) ?? []).map((status) => status.text ?? '');
  }

  statusText(id: string): string {
    return this.status(id)?.text ?? '';
  }

  /** Waits for a status text. */
  async showsStatus(id: string, text: string | RegExp, withinMs?: number): Promise<void> {
    const fits = (): boolean =>
      typeof text === 'string' ? this.statusText(id) === text : text.test(this.statusText(id));
    await until(fits, () => `${id} shows "${this.statusText(id)}", not ${String(text)}`, withinMs);
  }

  /** Texts that a node logged as errors (those that no `catch` node got). */
  errorsLogged(id: string): string[] {
    const { ERROR } = helper.log() as unknown as { ERROR: number };
    return logged(id, ERROR);
  }

  /** Texts that a node logged as warnings. */
  warningsLogged(id: string): string[] {
    const { WARN } = helper.log() as unknown as { WARN: number };
    return logged(id, WARN);
  }

  private outlet(ear: string): Outlet {
    const known = this.outlets.get(ear);
    if (known !== undefined) return known;
    const made = new Outlet(ear);
    this.outlets.set(ear, made);
    return made;
  }

  private listen(RED: NodeAPI): void {
    const { outlets } = { outlets: (id: string) => this.outlet(id) };
    function Ear(this: Node, definition: NodeDef): void {
      RED.nodes.createNode(this, definition);
      this.on('input', (message, _send, done) => {
        outlets(definition.id).push({ ...message });
        done();
      });
    }
    RED.nodes.registerType(EAR, Ear);
    const statusShown = ({ id, status }: { id: string; status: NodeStatus }): void => {
      const shown = this.statuses.get(id) ?? [];
      this.statuses.set(id, shown);
      shown.push(status);
    };
    const started = (): void => {
      this.starts += 1;
    };
    RED.events.on('node-status', statusShown);
    RED.events.on('flows:started', started);
    this.stopListening = () => {
      RED.events.off('node-status', statusShown);
      RED.events.off('flows:started', started);
    };
  }
}

function logged(id: string, level: number): string[] {
  return helper
    .log()
    .args.map((args: unknown[]) => args[0] as { level: number; id?: string; msg: unknown })
    .filter((entry) => entry.id === id && entry.level === level)
    .map((entry) => String(entry.msg));
}

function echo(message: FlowMessage): FlowMessage {
  return { payload: message['payload'] };
}

function withEars(nodes: readonly FlowNode[]): FlowNode[] {
  const ids = nodes.map((node) => node.id);
  const ears = nodes.flatMap((node) => node.wires ?? []).flat();
  const own = { x: 0, y: 0, z: TAB.id };
  return [
    TAB,
    ...nodes,
    ...[...ears, CAUGHT, COMPLETED].map((id) => ({ ...own, id, type: EAR, wires: [] })),
    { ...own, id: 'catch', type: 'catch', scope: null, uncaught: false, wires: [[CAUGHT]] },
    { ...own, id: 'complete', type: 'complete', scope: ids, wires: [[COMPLETED]] },
  ];
}
