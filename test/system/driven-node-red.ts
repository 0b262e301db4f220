/** A Node-RED process with this package, one store, and a flow that a test drives over HTTP. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Edition, type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';

const LOOPBACK = '127.0.0.1';
const PACKAGE = 'node-red-contrib-redlink';
const root = join(import.meta.dirname, '..', '..');

/** How long a test waits for what must come, ms: whole processes on a busy machine. */
const PATIENCE_MS = 30_000;
const POLL_MS = 50;

export interface InstanceOptions {
  readonly edition: Edition;
  /** Name of its store in the mesh `mesh0`. */
  readonly name: string;
  readonly port: number;
  /** Address of its store; the loopback where left out. */
  readonly host?: string;
  /** Ports of its store's north peers. */
  readonly norths?: readonly number[];
  /** Address of its north peers; the loopback where left out. */
  readonly northHost?: string;
  /** The service that it offers, and echoes. */
  readonly serves?: string;
  /** Further properties of its producer. */
  readonly producer?: Record<string, unknown>;
}

/** What came back to the producer. */
export interface Came {
  readonly replies: readonly { readonly payload: unknown; readonly preserved: unknown }[];
  readonly failures: readonly { readonly error: string }[];
}

export class Instance {
  private process: NodeRedProcess | undefined;
  private readonly userDir = mkdtempSync(join(tmpdir(), 'redlink-system-'));

  constructor(private readonly options: InstanceOptions) {
    mkdirSync(join(this.userDir, 'node_modules'));
    symlinkSync(root, join(this.userDir, 'node_modules', PACKAGE), 'dir');
    const manifest = { name: 'test', private: true, dependencies: { [PACKAGE]: '*' } };
    writeFileSync(join(this.userDir, 'package.json'), JSON.stringify(manifest));
    writeFileSync(join(this.userDir, 'flows.json'), JSON.stringify(flowOf(options)));
  }

  async start(): Promise<this> {
    this.process = await startNodeRed(this.options.edition, this.userDir);
    return this;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.process?.stop(signal);
    this.process = undefined;
  }

  async end(): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.userDir, { recursive: true, force: true });
  }

  /** Sends one message for each payload, all at once. `kind: 'buffer'` sends its text as a Buffer. */
  async send(service: string, payloads: readonly unknown[], kind = 'plain'): Promise<void> {
    await this.ask('/send', { service, payloads, kind });
  }

  async came(): Promise<Came> {
    return (await this.ask('/came', {})) as Came;
  }

  /** Waits until so many replies are there. */
  async replies(count: number): Promise<Came['replies']> {
    let last: Came = { replies: [], failures: [] };
    await eventually(
      async () => {
        last = await this.came();
        return last.replies.length >= count;
      },
      () => `${last.replies.length} of ${count} replies came, failures: ${JSON.stringify(last.failures)}`,
    );
    return last.replies;
  }

  /** Waits until its store sees the service. */
  async sees(service: string): Promise<void> {
    const path = `/redlink/services?store=mesh0:${this.options.name}`;
    let known: unknown;
    await eventually(
      async () => {
        known = await (await fetch(`${this.url}${path}`)).json();
        return Array.isArray(known) && known.includes(service);
      },
      () => `${this.options.name} knows ${JSON.stringify(known)}, not ${service}`,
    );
  }

  private get url(): string {
    if (this.process === undefined) throw new Error(`${this.options.name} does not run`);
    return this.process.url;
  }

  private async ask(path: string, body: unknown): Promise<unknown> {
    const answer = await fetch(`${this.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return answer.json();
  }
}

async function eventually(holds: () => Promise<boolean>, complaint: () => string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(complaint());
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function flowOf(options: InstanceOptions): object[] {
  const { name, port, host = LOOPBACK, norths = [], northHost = LOOPBACK, serves, producer = {} } = options;
  const at = (id: string, type: string, wires: string[][], properties: object = {}): object => ({
    x: 0,
    y: 0,
    z: 'tab',
    ...properties,
    id,
    type,
    wires,
  });
  const storeName = `mesh0:${name}`;
  const headers = norths.map((north) => ({ ip: northHost, port: String(north), redistribute: 'true' }));
  const store = { name, meshName: 'mesh0', listenAddress: host, listenPort: String(port), headers };
  const produce = {
    producerStoreName: storeName,
    producerConsumer: 'msg.topic',
    notifyInterval: '1',
    ...producer,
  };
  const consumer = at('consumer', 'redlink consumer', [['echo']], {
    name: serves,
    consumerStoreName: storeName,
    intransit: 16,
  });
  return [
    { id: 'tab', type: 'tab', label: 'test' },
    at('store', 'redlink store', [[]], store),
    at('producer', 'redlink producer', [['replied'], [], ['failed']], produce),
    ...(serves === undefined ? [] : [consumer]),
    at('echo', 'function', [['consumer']], { func: 'return msg;' }),
    at('send', 'http in', [['make']], { url: '/send', method: 'post' }),
    at('make', 'function', [['producer'], ['answer']], { outputs: 2, func: MAKE }),
    at('replied', 'function', [[]], {
      func: note('replies', '{ payload: msg.payload, preserved: msg.preserved }'),
    }),
    at('failed', 'function', [[]], { func: note('failures', '{ error: msg.error }') }),
    at('ask', 'http in', [['tell']], { url: '/came', method: 'post' }),
    at('tell', 'function', [['answer']], {
      func: 'msg.payload = { replies: global.get("replies") || [], failures: global.get("failures") || [] }; return msg;',
    }),
    at('answer', 'http response', []),
  ];
}

/** Makes the messages for the producer; the request itself is answered by the second output. */
const MAKE = `
const { service, payloads, kind } = msg.payload;
payloads.forEach((payload, place) => node.send([
  { topic: service, payload: kind === 'buffer' ? Buffer.from(payload) : payload, preserved: place },
  null,
]));
msg.payload = {};
return [null, msg];`;

function note(list: string, entry: string): string {
  return `const known = global.get('${list}') || []; known.push(${entry}); global.set('${list}', known);`;
}
