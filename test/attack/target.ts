import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { makeMeshKey } from '../../src/security/mesh-key.js';
import { freePort } from '../support/free-port.js';

const report = z.object({
  hash: z.string(),
  heldMs: z.number(),
  files: z.array(z.string()),
  owned: z.boolean(),
  routes: z.number(),
  heapMb: z.number(),
});

/** What a store says of itself after an attack. */
export type Report = z.infer<typeof report>;

export type Mode = 'mesh' | 'legacy';

/** A store in a process of its own, as attackers see it. */
export class Target {
  private exited = false;

  private constructor(
    readonly mode: Mode,
    readonly port: number,
    readonly meshKey: string,
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {
    child.once('exit', () => {
      this.exited = true;
    });
  }

  /** @param north port of a peer that the store has as its north */
  static async start(mode: Mode, north?: number): Promise<Target> {
    const folder = mkdtempSync(join(tmpdir(), 'redlink-attack-'));
    const [port, meshKey] = [await freePort(), makeMeshKey()];
    const args = [folder, String(port), mode, meshKey, north === undefined ? '' : String(north)];
    const child = fork(join(import.meta.dirname, 'victim.ts'), args, {
      execArgv: ['--import=tsx', '--unhandled-rejections=strict'],
      // What this environment says of proxies is not meant for loopback.
      env: { ...process.env, HTTPS_PROXY: '', HTTP_PROXY: '', https_proxy: '', http_proxy: '' },
    });
    await once(child, 'message');
    return new Target(mode, port, meshKey, child, folder);
  }

  /** @throws AssertionError where the process has ended */
  async report(): Promise<Report> {
    assert.equal(this.exited, false, 'the process has ended');
    this.child.send('report');
    const told: unknown = await once(this.child, 'message');
    return z.tuple([report], z.unknown()).parse(told)[0];
  }

  async stop(): Promise<void> {
    if (!this.exited) {
      this.child.disconnect();
      await once(this.child, 'exit');
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
