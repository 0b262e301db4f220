/** A `got` stream to a bare `node:https` server, in two processes: what a large payload can reach at most. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { z } from 'zod';
import { makeIdentity } from '../src/transport/https/certificate.js';

const SCRIPT = join(import.meta.dirname, 'driver', 'bare-got.mjs');
const listening = z.object({ port: z.number() });
const sent = z.object({ ms: z.number() });

export class BareGot {
  private constructor(
    private readonly server: ChildProcess,
    private readonly client: ChildProcess,
    private readonly port: number,
  ) {}

  static async start(): Promise<BareGot> {
    const { key, cert } = await makeIdentity();
    const server = fork(SCRIPT, ['server']);
    const said = once(server, 'message');
    server.send({ key, cert });
    const args: unknown[] = await said;
    return new BareGot(server, fork(SCRIPT, ['client']), listening.parse(args[0]).port);
  }

  /** Sends so many bytes so many times, one after the other. @returns milliseconds in all */
  async send(bytes: number, times: number): Promise<number> {
    const said = once(this.client, 'message');
    this.client.send({ port: this.port, bytes, times });
    const args: unknown[] = await said;
    return sent.parse(args[0]).ms;
  }

  end(): void {
    this.server.kill();
    this.client.kill();
  }
}
