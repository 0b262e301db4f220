/** An echo over `node:https` and nothing else, in two processes: the limit of the wire. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { z } from 'zod';
import { makeIdentity } from '../src/transport/https/certificate.js';
import type { LoopResult } from './systems.js';

const SCRIPT = join(import.meta.dirname, 'driver', 'bare-https.cjs');
const listening = z.object({ port: z.number() });
const looped = z.object({ perSecond: z.number(), p50: z.number(), p99: z.number() });

export class BareHttps {
  private constructor(
    private readonly server: ChildProcess,
    private readonly client: ChildProcess,
    private readonly port: number,
  ) {}

  static async start(): Promise<BareHttps> {
    const { key, cert } = await makeIdentity();
    const server = fork(SCRIPT, ['server']);
    server.send({ key, cert });
    const { port } = listening.parse(await said(server));
    return new BareHttps(server, fork(SCRIPT, ['client']), port);
  }

  async loop(inFlight: number, ms: number, bytes: number): Promise<LoopResult> {
    this.client.send({ port: this.port, inFlight, ms, bytes });
    return looped.parse(await said(this.client));
  }

  end(): void {
    this.server.kill();
    this.client.kill();
  }
}

/** The next message that a process says. */
async function said(process: ChildProcess): Promise<unknown> {
  const args: unknown[] = await once(process, 'message');
  return args[0];
}
