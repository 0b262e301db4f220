/** A process of a storm as the storm sees it: started, killed, started again, always in its own folder. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLedger, type Entry } from './ledger.js';
import { ATTEMPTED, LEDGER, stormReport, type StormOrder, type Task } from './storm-talk.js';

const HOST_SCRIPT = join(import.meta.dirname, 'storm-host.ts');

/** What is special about the machine that a process runs on. */
export interface Machine {
  /** Modules to load first, as URLs. */
  readonly preload?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** How many file handles a process may have there. */
  readonly handles?: number;
}

/** The store of a process did not open. */
export class NotOpen extends Error {
  constructor(
    readonly code: string | undefined,
    text: string,
  ) {
    super(text);
  }
}

function withHandles(handles: number, command: readonly string[]): readonly string[] {
  return ['sh', '-c', `ulimit -n ${handles}; exec "$@"`, 'sh', ...command];
}

export class StormProcess {
  kills = 0;
  /** The last that it said: messages sent, and those without an end. */
  sent = 0;
  left: number | undefined;
  /** File handles that it has taken on order. */
  handlesTaken = 0;
  readonly troubles: string[] = [];
  private child: ChildProcess | undefined;

  constructor(
    readonly name: string,
    private readonly task: Omit<Task, 'firstNumber'>,
    private readonly machine: Machine = {},
  ) {
    mkdirSync(task.folder, { recursive: true });
  }

  get ledgerFile(): string {
    return join(this.task.folder, LEDGER);
  }

  /**
   * Starts the process, and waits until its store is open.
   * @param environment of this life, besides that of its machine
   * @throws NotOpen where the store does not open; the process is still there then
   */
  async start(environment: Readonly<Record<string, string>> = {}): Promise<void> {
    const task: Task = { ...this.task, firstNumber: this.attempted() };
    this.left = undefined;
    const { preload = [], env = {}, handles } = this.machine;
    const imports = ['tsx', ...preload].flatMap((module) => ['--import', module]);
    const command = [process.execPath, ...imports, HOST_SCRIPT, JSON.stringify(task)];
    const [program = '', ...args] = handles === undefined ? command : withHandles(handles, command);
    const child = spawn(program, args, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, ...env, ...environment },
    });
    this.child = child;
    await new Promise<void>((resolve, reject) => {
      child.once('exit', () => {
        if (this.child === child) reject(new Error(`${this.name} ended by itself`));
      });
      child.on('message', (said: unknown) => {
        const told = stormReport.parse(said);
        if (told.report === 'open') resolve();
        if (told.report === 'notOpen') reject(new NotOpen(told.code, `${this.name}: ${told.text}`));
        if (told.report === 'handlesTaken') this.handlesTaken = told.count;
        if (told.report === 'sent') this.sent = told.number;
        if (told.report === 'left') this.left = told.count;
        if (told.report === 'trouble') this.troubles.push(`${this.name}: ${told.text}`);
      });
    });
  }

  /** `SIGKILL`: nothing is said to anybody. */
  async kill(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    this.kills += 1;
  }

  /** Sends nothing more from now on. */
  enough(): void {
    this.order({ order: 'enough' });
  }

  order(order: StormOrder): void {
    this.child?.send(order);
  }

  ledger(): Entry[] {
    return readLedger(this.ledgerFile);
  }

  private attempted(): number {
    const file = join(this.task.folder, ATTEMPTED);
    const written = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) : '';
    return Math.max(Number(written), this.sent, ...this.ledger().map(({ number }) => number + 1));
  }
}
