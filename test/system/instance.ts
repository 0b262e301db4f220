/** A whole Node-RED with this package and a flow, which a test feeds and listens to. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { NODE_RED_4, startNodeRed, type Edition, type NodeRedProcess } from '../support/node-red-process.js';
import { Outlet, type FlowMessage } from '../support/outlet.js';
import { probeAt, type FlowNode } from './flow.js';
import { addProbe, probed, type Injected } from './probe.js';

const PACKAGE = 'node-red-contrib-redlink';
const root = join(import.meta.dirname, '..', '..');

/** How long a test waits for what has to cross processes, ms: some find out first that a peer has come back. */
export const WITHIN_MS = 30_000;

/** Between two questions for the services of a store, ms. */
const ASK_AGAIN_MS = 50;

const BYTES_PER_KB = 1024;

export interface InstanceOptions {
  readonly edition?: Edition;
  readonly env?: Readonly<Record<string, string>>;
  /** Puts more into the user directory before the first start. */
  readonly prepare?: (userDir: string) => void;
}

/** A Node-RED instance with a user directory of its own. It can be ended and started again. */
export class Instance {
  private readonly userDir = mkdtempSync(join(tmpdir(), 'redlink-system-'));
  private readonly outlets = new Map<string, Outlet>();
  private process: NodeRedProcess | undefined;

  constructor(
    flow: readonly FlowNode[],
    private readonly options: InstanceOptions = {},
  ) {
    writeFileSync(join(this.userDir, 'flows.json'), JSON.stringify(flow));
    writeFileSync(join(this.userDir, 'package.json'), JSON.stringify({ dependencies: { [PACKAGE]: '*' } }));
    mkdirSync(join(this.userDir, 'node_modules'));
    symlinkSync(root, join(this.userDir, 'node_modules', PACKAGE), 'dir');
    addProbe(this.userDir);
    options.prepare?.(this.userDir);
  }

  /** Starts Node-RED; its flows run when this is fulfilled. */
  async start(): Promise<void> {
    const { edition = NODE_RED_4, env = {} } = this.options;
    this.process = await startNodeRed(edition, this.userDir, {}, { env, channel: true });
    this.process.child.on('message', (said: unknown) => {
      const { id, message } = probed.parse(said);
      this.outlet(id).push(message);
    });
  }

  /** Ends the process if it runs; everything on disk stays. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.process?.stop(signal);
    this.process = undefined;
  }

  /** Ends the process, whatever it does, and removes what it left. */
  async dispose(): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.userDir, { recursive: true, force: true });
  }

  /** Replaces the flow, as a full deploy from the editor does. */
  async deploy(flow: readonly FlowNode[]): Promise<void> {
    const answer = await fetch(`${this.running.url}/flows`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'node-red-deployment-type': 'full' },
      body: JSON.stringify(flow),
    });
    if (!answer.ok) throw new Error(`the deploy was answered with ${answer.status}: ${await answer.text()}`);
  }

  /** `SIGSTOP`: the process neither runs nor ends, and its connections stay open. */
  freeze(): void {
    this.running.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.running.child.kill('SIGCONT');
  }

  /** Sends a message into a node. */
  send(id: string, message: FlowMessage): void {
    const injected: Injected = { id, message };
    this.running.child.send(injected);
  }

  /** What comes out of a node's output, by the number of the output from 0; over restarts. */
  out(id: string, output = 0): Outlet {
    return this.outlet(probeAt(id, output));
  }

  /** Waits until a store sees the services. @throws Error where it does not in time */
  async sees(storeId: string, ...services: string[]): Promise<void> {
    await this.agrees(storeId, services, (seen) => services.every((service) => seen.includes(service)));
  }

  /** Waits until a store no longer sees the service. @throws Error where it does in the end */
  async losesSightOf(storeId: string, service: string): Promise<void> {
    await this.agrees(storeId, [`not ${service}`], (seen) => !seen.includes(service));
  }

  get pid(): number {
    const { pid } = this.running.child;
    if (pid === undefined) throw new Error('the instance has no process');
    return pid;
  }

  /** The most memory that the process has ever held, bytes. Linux only. */
  peakMemory(): number {
    const status = readFileSync(`/proc/${String(this.running.child.pid)}/status`, 'utf8');
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
    if (peak === undefined) throw new Error(`no peak of memory in:\n${status}`);
    return Number(peak) * BYTES_PER_KB;
  }

  /** Everything that the process has printed. */
  output(): string {
    return this.running.output();
  }

  private async agrees(
    storeId: string,
    wanted: readonly string[],
    agree: (seen: readonly string[]) => boolean,
  ): Promise<void> {
    const deadline = performance.now() + WITHIN_MS;
    for (;;) {
      const seen = await this.services(storeId);
      if (agree(seen)) return;
      if (performance.now() > deadline) {
        throw new Error(`${storeId} sees [${seen.join()}], not [${wanted.join()}]:\n${this.output()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
  }

  /** The services that a store sees now. */
  async services(storeId: string): Promise<string[]> {
    const answer = await fetch(`${this.running.url}/redlink/services?store=mesh0:${storeId}`);
    return z.array(z.string()).parse(await answer.json());
  }

  private get running(): NodeRedProcess {
    if (this.process === undefined) throw new Error('the instance does not run');
    return this.process;
  }

  /** What a node says over the channel by its own id; over restarts. */
  outlet(id: string): Outlet {
    const known = this.outlets.get(id);
    if (known !== undefined) return known;
    const made = new Outlet(id);
    this.outlets.set(id, made);
    return made;
  }
}

/** Disposes of all, even where one cannot be. */
export async function disposeAll(...instances: readonly Instance[]): Promise<void> {
  await Promise.allSettled(instances.map((instance) => instance.dispose()));
}
