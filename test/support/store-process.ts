/** A store in a process of its own, which a test opens, feeds, kills and freezes. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { until } from './outlet.js';
import { told, type Asked, type Told } from './store-host-talk.js';
import { WALL_OFFSET_VARIABLE } from './wall-offset.js';

const WRONG_CLOCK = pathToFileURL(join(import.meta.dirname, 'wrong-clock.ts')).href;
const HOST_SCRIPT = join(import.meta.dirname, 'store-host.ts');

/** How long a process, or a store in it, may take to be there, ms: ample, on a machine that does much else. */
const START_WITHIN_MS = 180_000;

/** Everything that a process has told of one kind, oldest first. */
type Of<Kind extends Told['tell']> = Extract<Told, { tell: Kind }>[];

export class StoreProcess {
  readonly told: Told[] = [];
  /** The services that its store sees, as it last said. */
  services: readonly string[] = [];
  private readonly folder = mkdtempSync(join(tmpdir(), 'redlink-host-'));
  private child: ChildProcess | undefined;
  private openedIn: ChildProcess | undefined;

  /** @param wallOffsetMs how far the time of day of its machine is off */
  constructor(private readonly wallOffsetMs = 0) {}

  /** Starts the process; there is no store in it yet. */
  async start(): Promise<void> {
    const args = ['--import', 'tsx', '--import', WRONG_CLOCK, HOST_SCRIPT, this.folder];
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, [WALL_OFFSET_VARIABLE]: String(this.wallOffsetMs) },
    });
    this.child = child;
    const readyBefore = this.of('ready').length;
    child.on('message', (said: unknown) => {
      this.note(told.parse(said));
    });
    await until(
      () => this.of('ready').length > readyBefore,
      'the process of a store did not start',
      START_WITHIN_MS,
    );
  }

  /** Opens a store in the process. @returns when it was open, epoch ms. */
  async open(
    properties: Record<string, unknown>,
    offers: readonly string[],
    inTransitLimit: number,
    thinkMs: Readonly<Record<string, number>> = {},
  ): Promise<number> {
    const before = this.of('opened').length;
    this.ask({ ask: 'open', properties, offers: [...offers], inTransitLimit, thinkMs: { ...thinkMs } });
    this.openedIn = this.child;
    const opened = (): Extract<Told, { tell: 'opened' }> | undefined => this.of('opened')[before];
    await until(
      () => opened() !== undefined,
      () => `a store did not open: ${JSON.stringify(this.told.slice(-5))}`,
      START_WITHIN_MS,
    );
    return opened()?.at ?? NaN;
  }

  /** Closes the store in good order; the process stays. */
  async close(): Promise<void> {
    if (!this.isOpen) return;
    this.openedIn = undefined;
    const before = this.of('closed').length;
    this.ask({ ask: 'close' });
    await until(() => this.of('closed').length > before, 'a store did not close', START_WITHIN_MS);
    this.services = [];
  }

  get isOpen(): boolean {
    return this.child !== undefined && this.openedIn === this.child;
  }

  get runs(): boolean {
    return this.child !== undefined;
  }

  send(service: string, numbers: readonly number[], reversePath: boolean, priority = 0): void {
    this.ask({ ask: 'send', service, numbers: [...numbers], reversePath, priority });
  }

  /** Attaches one more echo to the open store. */
  offer(service: string): void {
    this.ask({ ask: 'offer', service });
  }

  /** @returns how many requests have come to its stores since the process started, and the bytes of their bodies */
  async requests(): Promise<{ requests: number; bytes: number }> {
    const before = this.of('counted').length;
    this.ask({ ask: 'count' });
    await until(() => this.of('counted').length > before, 'a process does not count', START_WITHIN_MS);
    const { requests = NaN, bytes = NaN } = this.of('counted').at(-1) ?? {};
    return { requests, bytes };
  }

  /** `SIGKILL`: nothing is said to anybody. */
  async kill(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    this.services = [];
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** `SIGSTOP`: it neither runs nor ends, and its connections stay open. */
  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Everything of a kind that it has told, over restarts. */
  of<Kind extends Told['tell']>(kind: Kind): Of<Kind> {
    return this.told.filter((one): one is Extract<Told, { tell: Kind }> => one.tell === kind);
  }

  private note(one: Told): void {
    this.told.push(one);
    if (one.tell === 'services') this.services = one.services;
  }

  private ask(order: Asked): void {
    if (this.child === undefined) throw new Error('the process does not run');
    this.child.send(order);
  }
}
