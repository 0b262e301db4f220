/** A whole Node-RED in a process of its own, for tests that need one as users have it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { freePort } from './free-port.js';

/** A Node-RED and the Node that runs it. */
export interface Edition {
  readonly name: string;
  /** Node's executable. */
  readonly node: string;
  /** Node-RED's main script. */
  readonly script: string;
}

const nodeRed5 = join(import.meta.dirname, '..', 'node-red-5', 'node_modules');

/** Node-RED 4.1 on the Node that runs the tests. */
export const NODE_RED_4: Edition = {
  name: 'Node-RED 4.1',
  node: process.execPath,
  script: createRequire(import.meta.url).resolve('node-red/red.js'),
};

/** Node-RED 5 on the Node 24 beside it; installed by scripts/setup-node-red-5.mjs. */
export const NODE_RED_5: Edition = {
  name: 'Node-RED 5',
  node: join(nodeRed5, '.bin', 'node'),
  script: join(nodeRed5, 'node-red', 'red.js'),
};

/** How long Node-RED may take until its flows run. Ample: it takes about 3 s on two busy cores. */
const START_WITHIN_MS = 60_000;

/** What Node-RED prints once its flows run, and once its editor answers; 4.1 and 5 differ in the order. */
const FLOWS_RUN = 'Started flows';
const STARTED = [new RegExp(FLOWS_RUN), /Server now running at/];

export interface NodeRedProcess {
  /** Where its editor and admin API are, without a slash at the end. */
  readonly url: string;
  /** For signals, and for messages where there is a channel. */
  readonly child: ChildProcess;
  /** Everything that it has printed so far. */
  output(): string;
  /** Ends the process; its user directory stays. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** How the process differs from one that a user starts. */
export interface ProcessOptions {
  /** Environment variables besides those of the tests. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether nodes in it can talk with the test through `process.send`; Buffers and Dates survive that. */
  readonly channel?: boolean;
  /** Arguments for Node itself. */
  readonly args?: readonly string[];
  /** Told as soon as the flows run; the editor may need a moment more. */
  readonly started?: () => void;
}

/**
 * Starts Node-RED on a free port of the loopback address and waits until its flows run.
 * @param userDir - its user directory, with whatever is installed there
 * @param settings - further entries of its `settings.js`, as JSON can hold them
 * @throws Error with what it printed, where it ends early or does not start in time
 */
export async function startNodeRed(
  edition: Edition,
  userDir: string,
  settings: Record<string, unknown> = {},
  { env = {}, channel = false, args = [], started: onStarted }: ProcessOptions = {},
): Promise<NodeRedProcess> {
  const uiPort = await freePort();
  const all = {
    uiHost: '127.0.0.1',
    uiPort,
    flowFile: 'flows.json',
    credentialSecret: 'test',
    telemetry: { enabled: false },
    editorTheme: { tours: false, palette: { catalogues: [] } },
    ...settings,
  };
  writeFileSync(join(userDir, 'settings.js'), `module.exports = ${JSON.stringify(all)};\n`);
  const child = spawn(edition.node, [...args, edition.script, '--userDir', userDir], {
    cwd: userDir,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...(channel ? ['ipc' as const] : [])],
    serialization: 'advanced',
  });
  const printed: string[] = [];
  const output = (): string => printed.join('');
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed.push(text);
      if (text.includes(FLOWS_RUN)) onStarted?.();
    });
  }
  try {
    await started(child, output);
  } catch (error) {
    await end(child, 'SIGKILL');
    throw error;
  }
  return {
    url: `http://127.0.0.1:${String(uiPort)}`,
    child,
    output,
    stop: (signal = 'SIGTERM') => end(child, signal),
  };
}

function started(child: ChildProcess, output: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (what: string): void => {
      clearTimeout(timer);
      reject(new Error(`${what}:\n${output()}`));
    };
    const timer = setTimeout(fail, START_WITHIN_MS, 'Node-RED did not start in time');
    child.stdout?.on('data', () => {
      if (STARTED.every((line) => line.test(output()))) {
        clearTimeout(timer);
        resolve();
      }
    });
    child.once('error', (error) => {
      fail(error.message);
    });
    child.once('exit', () => {
      fail('Node-RED ended');
    });
  });
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}
