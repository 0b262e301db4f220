/** A whole Node-RED of a storm: this package, the storm's own nodes, and a ledger that outlives every deploy. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { NODE_RED_4, startNodeRed, type NodeRedProcess } from '../support/node-red-process.js';
import { LEDGER } from './storm-talk.js';

const root = join(import.meta.dirname, '..', '..');

/** A node as a flow file holds it. */
export interface StormNode {
  readonly id: string;
  readonly type: string;
  readonly [property: string]: unknown;
}

/** How much of a flow a deploy starts anew: everything, the tabs that were changed, or the nodes that were. */
export const DEPLOY_TYPES = ['full', 'flows', 'nodes'] as const;
export type DeployType = (typeof DEPLOY_TYPES)[number];

/** What goes into the producers. */
export interface Feed {
  readonly count: number;
  readonly perSecond: number;
  /** Length of each message, characters. */
  readonly bytes: number;
  /** Messages without an end at a time; beyond that the pace is held back. */
  readonly most: number;
}

const said = z.union([
  z.object({ tried: z.number() }),
  z.object({ memory: z.object({ heapUsed: z.number(), external: z.number(), rss: z.number() }) }),
]);
/** After a garbage collection, bytes. */
export type Memory = Extract<z.infer<typeof said>, { memory: unknown }>['memory'];

/** Nothing takes so long, ms: a peer that does not listen by then does not come. */
const PATIENCE_MS = 60_000;
const KNOCK_EVERY_MS = 20;

export class StormNodeRed {
  /** Messages that have gone into its producers. */
  tried = 0;
  private readonly userDir = mkdtempSync(join(tmpdir(), 'redlink-storm-'));
  readonly ledger = join(this.userDir, LEDGER);
  private process: NodeRedProcess | undefined;
  private printed = '';
  private onMemory: (memory: Memory) => void = () => undefined;

  constructor(readonly name: string) {
    writeFileSync(join(this.userDir, 'flows.json'), '[]');
    const modules = join(this.userDir, 'node_modules');
    mkdirSync(modules);
    const packages = {
      'node-red-contrib-redlink': root,
      'node-red-contrib-redlink-storm': join(import.meta.dirname, 'nodes'),
    };
    for (const [name, folder] of Object.entries(packages)) symlinkSync(folder, join(modules, name), 'dir');
    const dependencies = Object.fromEntries(Object.keys(packages).map((name) => [name, '*']));
    writeFileSync(join(this.userDir, 'package.json'), JSON.stringify({ dependencies }));
  }

  /** Starts the process, with the flow of the last deploy. */
  async start(): Promise<void> {
    this.process = await startNodeRed(
      NODE_RED_4,
      this.userDir,
      {},
      {
        channel: true,
        env: { STORM_LEDGER: this.ledger },
        args: ['--expose-gc'],
      },
    );
    this.process.child.on('message', (message: unknown) => {
      const told = said.parse(message);
      if ('tried' in told) this.tried = told.tried;
      else this.onMemory(told.memory);
    });
  }

  async stop(): Promise<void> {
    if (this.process === undefined) return;
    await this.process.stop();
    this.printed += this.process.output();
    this.process = undefined;
  }

  /** Ends it, and removes what it left. */
  async dispose(): Promise<void> {
    await this.process?.stop('SIGKILL');
    this.process = undefined;
    rmSync(this.userDir, { recursive: true, force: true });
  }

  /** As the editor does. */
  async deploy(flow: readonly StormNode[], type: DeployType): Promise<void> {
    const answer = await fetch(`${this.running.url}/flows`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'node-red-deployment-type': type },
      body: JSON.stringify(flow),
    });
    if (!answer.ok) throw new Error(`the deploy was answered with ${answer.status}: ${await answer.text()}`);
  }

  feed(feed: Feed): void {
    this.running.child.send({ feed });
  }

  /** After a garbage collection. */
  memory(): Promise<Memory> {
    return new Promise((resolve) => {
      this.onMemory = resolve;
      this.running.child.send({ collect: true });
    });
  }

  /** Everything that it has printed, over restarts. */
  output(): string {
    return this.printed + (this.process?.output() ?? '');
  }

  private get running(): NodeRedProcess {
    if (this.process === undefined) throw new Error(`${this.name} does not run`);
    return this.process;
  }
}

/** @returns ms until somebody listens on the port of the loopback address @throws Error where nobody does */
export async function untilListening(port: number): Promise<number> {
  const startedAt = performance.now();
  while (!(await listens(port))) {
    if (performance.now() - startedAt > PATIENCE_MS) throw new Error(`nobody listens on port ${port}`);
    await pause(KNOCK_EVERY_MS);
  }
  return performance.now() - startedAt;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => {
      resolve(false);
    });
  });
}
