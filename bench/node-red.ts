/** A Node-RED process of the bench: started with a flow, driven over its channel, measured by the kernel's figures. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { makeMeshKey } from '../src/security/mesh-key.js';
import { NODE_RED_4, startNodeRed, type NodeRedProcess } from '../test/support/node-red-process.js';
import type { BenchNode } from './flows.js';

const root = join(import.meta.dirname, '..');
const BYTES_PER_KB = 1024;
/** Ticks of the kernel's processor times per second (`getconf CLK_TCK` on every Linux that Node runs on). */
const TICKS_PER_S = 100;
const MS_PER_SECOND = 1_000;
/** Fields of /proc/PID/stat after the name in brackets: user and system time. */
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;

/** What the kernel is told to forget the most memory that a process has held (`proc(5)`). */
const FORGET_PEAK = '5';

/** No job takes so long, ms. */
const ANSWER_WITHIN_MS = 120_000;

/** The same in all processes of a run. */
const MESH_KEY = makeMeshKey();

const answer = z.union([
  z.object({ driver: z.string(), result: z.record(z.string(), z.number()) }),
  z.object({ driver: z.string(), error: z.string() }),
  z.object({ memory: z.object({ heapUsed: z.number(), rss: z.number() }) }),
]);

/** What the process is started with. */
export interface BenchInstanceOptions {
  /** Further entries of `settings.js`. */
  readonly settings?: Record<string, unknown>;
  /** Where V8 writes a CPU profile at the end; undefined: none. */
  readonly profiles?: string | undefined;
  /** Whether this package is installed: without it Node-RED alone is measured. */
  readonly withRedlink?: boolean;
  /** Modules that Node loads before Node-RED. */
  readonly imports?: readonly string[];
  /** Id of a store that has the bench's mesh key; undefined: none. */
  readonly keyedStore?: string;
}

export class BenchInstance {
  /** From the start of the process until Node-RED says `Started flows`, ms. */
  startedInMs = NaN;
  /** When that was, epoch milliseconds. */
  startedAtEpochMs = NaN;
  private readonly userDir = mkdtempSync(join(tmpdir(), 'redlink-bench-'));
  private process: NodeRedProcess | undefined;

  constructor(
    private readonly flow: readonly BenchNode[],
    private readonly options: BenchInstanceOptions = {},
  ) {
    writeFileSync(
      join(this.userDir, 'flows.json'),
      JSON.stringify(options.keyedStore === undefined ? flow : []),
    );
    const modules = join(this.userDir, 'node_modules');
    mkdirSync(modules);
    const packages = { 'node-red-contrib-redlink-bench-driver': join(import.meta.dirname, 'driver') };
    const all = options.withRedlink === false ? packages : { ...packages, 'node-red-contrib-redlink': root };
    for (const [name, folder] of Object.entries(all)) symlinkSync(folder, join(modules, name), 'dir');
    const dependencies = Object.fromEntries(Object.keys(all).map((name) => [name, '*']));
    writeFileSync(join(this.userDir, 'package.json'), JSON.stringify({ dependencies }));
  }

  async start(): Promise<void> {
    const { settings = {}, profiles, imports = [] } = this.options;
    const nodeOptions = [
      '--expose-gc',
      ...imports.flatMap((module) => ['--import', module]),
      ...(profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`]),
    ];
    const startedAt = performance.now();
    this.process = await startNodeRed(NODE_RED_4, this.userDir, settings, {
      channel: true,
      args: nodeOptions,
      started: () => {
        this.startedInMs = performance.now() - startedAt;
        this.startedAtEpochMs = performance.timeOrigin + performance.now();
      },
    });
    if (this.options.keyedStore !== undefined) await this.deployKeyed(this.options.keyedStore);
  }

  /** Credentials come with a deploy, as from the editor: a flow file has none. */
  private async deployKeyed(storeId: string): Promise<void> {
    const nodes = this.flow.map((node) =>
      node.id === storeId ? { ...node, credentials: { meshKey: MESH_KEY } } : node,
    );
    const answer = await fetch(`${this.running.url}/flows`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(nodes),
    });
    if (!answer.ok) throw new Error(`the deploy was answered with ${answer.status}`);
  }

  async stop(): Promise<void> {
    await this.process?.stop();
    rmSync(this.userDir, { recursive: true, force: true });
  }

  /** Has a driver do a job. @throws Error with what the driver says */
  async drive(driver: string, job: Record<string, unknown>): Promise<Record<string, number>> {
    const said = await this.ask({ driver, ...job });
    if ('result' in said) return said.result;
    throw new Error('error' in said ? said.error : 'the driver gave no result');
  }

  /** After a garbage collection, bytes. */
  async memory(): Promise<{ heapUsed: number; rss: number }> {
    const said = await this.ask({ collect: true });
    if ('memory' in said) return said.memory;
    throw new Error('the process gave no figures of its memory');
  }

  /** Of its editor and of its own http nodes. */
  get port(): number {
    return Number(new URL(this.running.url).port);
  }

  /** Processor time so far, ms. */
  cpuMs(): number {
    const stat = readFileSync(`/proc/${this.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return ((Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])) / TICKS_PER_S) * MS_PER_SECOND;
  }

  /** The most memory that it has ever held, bytes. */
  peakMemory(): number {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1];
    return Number(peak) * BYTES_PER_KB;
  }

  /** Has {@link peakMemory} begin anew. */
  forgetPeak(): void {
    writeFileSync(`/proc/${this.pid}/clear_refs`, FORGET_PEAK);
  }

  signal(signal: NodeJS.Signals): void {
    this.running.child.kill(signal);
  }

  private get running(): NodeRedProcess {
    if (this.process === undefined) throw new Error('the process does not run');
    return this.process;
  }

  private get pid(): number {
    return this.running.child.pid ?? NaN;
  }

  private ask(order: Record<string, unknown>): Promise<z.infer<typeof answer>> {
    const { child } = this.running;
    return new Promise((resolve, reject) => {
      const tooLate = setTimeout(() => {
        reject(
          new Error(`no answer to ${JSON.stringify(order)}; the process says:\n${this.running.output()}`),
        );
      }, ANSWER_WITHIN_MS);
      const ended = (): void => {
        clearTimeout(tooLate);
        reject(new Error(`the process ended: ${this.running.output()}`));
      };
      child.once('exit', ended);
      // Several drivers may be at work: each order waits for its own answer.
      const heard = (said: unknown): void => {
        const parsed = answer.parse(said);
        if (order['driver'] !== ('driver' in parsed ? parsed.driver : undefined)) return;
        clearTimeout(tooLate);
        child.off('exit', ended);
        child.off('message', heard);
        resolve(parsed);
      };
      child.on('message', heard);
      child.send(order);
    });
  }
}
