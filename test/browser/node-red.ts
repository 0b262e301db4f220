import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/free-port.js';

/** How long Node-RED may take from its start until it says that it runs. Ample: it takes 3 s on two busy cores. */
const START_TIMEOUT_MS = 60_000;

/** What Node-RED prints once its flows run and its editor answers. */
const STARTED = /Started flows/;

const FLOW_FILE = 'flows.json';

/** No tour in the way, and no look at what other packages there are. */
const EDITOR_THEME = { tours: false, palette: { catalogues: [] } };

/** The package under test: this checkout, or another folder (an unpacked tarball) where the variable names one. */
const PACKAGE_DIRECTORY = process.env['REDLINK_PACKAGE'] ?? join(import.meta.dirname, '..', '..');

/** The Node-RED of this run: that of the main tree (4.1), or the one whose folder the variable names (see scripts/test.mjs). */
const NODE_RED = process.env['REDLINK_NODE_RED'];
const requireNodeRed = createRequire(
  NODE_RED === undefined ? import.meta.url : join(NODE_RED, 'package.json'),
);

/**
 * What makes the editor dark. Node-RED 5 brings a theme that each browser chooses; for 4.1 there are themes as
 * packages, and they do what this style sheet does: they set Node-RED's variables.
 */
export const darkTheme: {
  readonly settings: Record<string, unknown>;
  readonly browserSettings: Record<string, string>;
} =
  NODE_RED === undefined
    ? {
        settings: {
          editorTheme: { ...EDITOR_THEME, page: { css: join(import.meta.dirname, 'dark-theme.css') } },
        },
        browserSettings: {},
      }
    : { settings: {}, browserSettings: { 'view-dark-theme': 'dark' } };

/** A Node-RED in a process of its own, with the package in its palette and a user directory that is deleted after. */
export interface NodeRed {
  /** Where its editor is. */
  readonly url: string;
  /** @returns everything that it has printed so far. */
  output(): string;
  /** Ends the process and deletes its user directory. */
  stop(): Promise<void>;
}

export interface NodeRedOptions {
  /** Further entries for its `settings.js`, as JSON can hold them. */
  readonly settings?: Record<string, unknown>;
  /** The flow that it starts with, as its flow file holds it; none by default. */
  readonly flow?: readonly object[];
}

/**
 * @returns a Node-RED that runs on a free port of the loopback address
 * @throws Error with what it printed, where it ends or does not start in time
 */
export async function startNodeRed(options: NodeRedOptions = {}): Promise<NodeRed> {
  const userDirectory = mkdtempSync(join(tmpdir(), 'redlink-browser-'));
  const port = await freePort();
  prepareUserDirectory(userDirectory, { uiPort: port, ...options.settings });
  if (options.flow) writeFileSync(join(userDirectory, FLOW_FILE), JSON.stringify(options.flow));
  const red = requireNodeRed.resolve('node-red/red.js');
  const child = spawn(process.execPath, [red, '--userDir', userDirectory], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const stop = async (): Promise<void> => {
    await end(child);
    rmSync(userDirectory, { recursive: true, force: true });
  };
  try {
    await started(child, () => output);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `http://127.0.0.1:${port}/`, output: () => output, stop };
}

/** Links the package into the user directory as if it were installed there, and writes the settings. */
function prepareUserDirectory(directory: string, settings: Record<string, unknown>): void {
  const all = {
    uiHost: '127.0.0.1',
    flowFile: FLOW_FILE,
    credentialSecret: 'browser test',
    telemetry: { enabled: false },
    editorTheme: EDITOR_THEME,
    ...settings,
  };
  writeFileSync(join(directory, 'settings.js'), `module.exports = ${JSON.stringify(all)};\n`);
  writeFileSync(
    join(directory, 'package.json'),
    JSON.stringify({
      name: 'browser-test',
      version: '0.0.0',
      dependencies: { 'node-red-contrib-redlink': '*' },
    }),
  );
  mkdirSync(join(directory, 'node_modules'));
  symlinkSync(PACKAGE_DIRECTORY, join(directory, 'node_modules', 'node-red-contrib-redlink'), 'dir');
}

function started(child: ChildProcess, output: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (what: string): void => {
      reject(new Error(`${what}:\n${output()}`));
    };
    setTimeout(fail, START_TIMEOUT_MS, 'Node-RED did not start in time').unref();
    child.stdout?.on('data', () => {
      if (STARTED.test(output())) resolve();
    });
    child.once('exit', () => {
      fail('Node-RED ended');
    });
    child.once('error', reject);
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}
