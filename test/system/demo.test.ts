import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { freePort } from '../support/free-port.js';
import { until } from '../support/outlet.js';

const root = join(import.meta.dirname, '..', '..');
const HOST = '127.0.0.1';

/** Where the demo looks for ports of its stores first (scripts/demo-user-dir.mjs). */
const FIRST_STORE_PORT = 2100;

/** A first start builds. */
const START_WITHIN_MS = 90_000;
const TEST_WITHIN_MS = 120_000;
const WITHIN_MS = 20_000;
const ASK_AGAIN_MS = 200;

/** What the demo says last, when all runs. */
const READY = /Ctrl-C stops it/;

/** What a function node of the flow has counted, as the admin API tells it. */
const counted = z.object({
  memory: z.object({ answered: z.object({ msg: z.string() }).optional() }).optional(),
});

describe('npm start', function () {
  this.timeout(TEST_WITHIN_MS);
  const folder = mkdtempSync(join(tmpdir(), 'redlink-demo-'));
  const flowFile = join(folder, 'flows.json');
  let port: number;
  let child: ChildProcess;
  let printed = '';

  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    port = await freePort();
  });

  afterEach(() => {
    signal('SIGKILL');
  });

  /** Runs it as a shell does: in a process group of its own, which Ctrl-C reaches as a whole. */
  function run(): void {
    printed = '';
    const env = { ...process.env, PORT: String(port), REDLINK_DEMO_DIR: folder };
    child = spawn('npm', ['start'], { cwd: root, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (printed += text));
    }
  }

  async function start(): Promise<void> {
    run();
    await until(
      () => READY.test(printed),
      () => `the demo did not start: ${printed}`,
      START_WITHIN_MS,
    );
  }

  function signal(name: NodeJS.Signals): void {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    process.kill(-child.pid, name);
  }

  async function pressCtrlC(): Promise<void> {
    const exited = once(child, 'exit');
    signal('SIGINT');
    await exited;
  }

  /** Waits until the producer of the demo has got so many answers. */
  async function answered(wanted: number): Promise<void> {
    const deadline = performance.now() + WITHIN_MS;
    for (;;) {
      const answer = await fetch(`http://${HOST}:${port}/context/node/label`);
      const { memory } = counted.parse(await answer.json());
      if (Number(memory?.answered?.msg ?? 0) >= wanted) return;
      if (performance.now() > deadline) throw new Error(`no ${wanted} answers came: ${printed}`);
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
  }

  it('shows a mesh in which messages are answered, says where to look, and stops at Ctrl-C', async () => {
    await start();
    assert.match(printed, new RegExp(`open http://${HOST}:${port}`));
    assert.match(printed, /South \(port \d+\) and North \(port \d+\)/);
    await answered(3);
    const names: unknown = await (await fetch(`http://${HOST}:${port}/redlink/stores`)).json();
    assert.deepEqual(names, ['demo:South', 'demo:North']);
    await pressCtrlC();
    await assert.rejects(fetch(`http://${HOST}:${port}/`));
    assert.doesNotMatch(printed, /error|warn/i);
  });

  it('takes other ports for its stores where those are taken, and says so', async () => {
    const squatter = await occupy(FIRST_STORE_PORT);
    try {
      await start();
      assert.match(printed, new RegExp(`passed over: .*${FIRST_STORE_PORT}`));
      await answered(1);
    } finally {
      squatter.close();
    }
  });

  it('leaves a flow alone that somebody has changed, and says so', async () => {
    const changed = readFileSync(flowFile, 'utf8').replaceAll('What is', 'Please, what is');
    writeFileSync(flowFile, changed);
    await start();
    assert.match(printed, /Your own version of the flow runs/);
    await answered(1);
    await pressCtrlC();
    assert.equal(readFileSync(flowFile, 'utf8'), changed);
  });

  it('says at once that the port of the editor is taken', async () => {
    const squatter = await occupy(port);
    run();
    await once(child, 'exit');
    squatter.close();
    assert.notEqual(child.exitCode, 0);
    assert.match(printed, new RegExp(`Port ${port} is taken`));
  });
});

/** Listens on a port. Somebody else who has it already is as good. */
function occupy(port: number): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer();
    const done = (): void => {
      resolve(server);
    };
    server.once('listening', done).once('error', done).listen(port, HOST);
  });
}
