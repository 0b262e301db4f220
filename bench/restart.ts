/**
 * `npm run bench:restart -- --messages N --bytes B --rounds R`: a store with a full queue whose process is killed, and how long the next one
 * takes until it is back: until its rows are in their tables, until it listens, and until the first message has gone out. Ends with 1
 * where the quickest round is over the bound.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { freePort } from '../test/support/free-port.js';

/** A store with 100,000 messages of 1 kB is back in so much, ms (docs/RELIABILITY.md). */
const BACK_WITHIN_MS = 3_000;
const HOST_SCRIPT = join(import.meta.dirname, 'restart-host.ts');
const BYTES_PER_MB = 1_048_576;

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '100000' },
    bytes: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '3' },
  },
});

const filled = z.object({ queued: z.number() });
const cameBack = z.object({
  queued: z.number(),
  restoreMs: z.number(),
  openMs: z.number(),
  cpuMs: z.number(),
  deliveredMs: z.number(),
  rssBytes: z.number(),
});

const folder = mkdtempSync(join(tmpdir(), 'redlink-restart-'));
const port = String(await freePort());

/** Runs a process until it has said what it has to, and kills it. */
async function hear(order: string, ...more: string[]): Promise<unknown> {
  const child: ChildProcess = fork(HOST_SCRIPT, [order, folder, port, ...more], {
    execArgv: ['--import', 'tsx'],
  });
  const exited = once(child, 'exit');
  const said: unknown = await Promise.race([
    once(child, 'message').then(([message]: unknown[]) => message),
    exited.then(() => Promise.reject(new Error(`the process that was to ${order} has ended`))),
  ]);
  child.kill('SIGKILL');
  await exited;
  return said;
}

try {
  const { queued } = filled.parse(await hear('fill', values.messages, values.bytes));
  console.log(`${queued} messages of ${values.bytes} bytes are queued; the process is killed`);
  const times: number[] = [];
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    const back = cameBack.parse(await hear('back'));
    const ms = back.restoreMs + back.openMs;
    times.push(ms);
    console.log(
      `${back.queued} messages back in ${Math.round(ms)} ms: ${Math.round(back.restoreMs)} until they were in their tables, ` +
        `${Math.round(back.openMs)} until the store listened, ${Math.round(back.cpuMs)} of them work of the processor; the first went out ${Math.round(back.deliveredMs)} ms later; ` +
        `${Math.round(back.rssBytes / BYTES_PER_MB)} MB`,
    );
  }
  // Others may use the machine: the quickest round says most of the store.
  const quickest = Math.min(...times);
  console.log(`the quickest: ${Math.round(quickest)} ms; ${BACK_WITHIN_MS} are allowed`);
  process.exitCode = quickest <= BACK_WITHIN_MS ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
