/** Ports for the stores and servers of a test run. */
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LOOPBACK = '127.0.0.1';

/** Below what systems hand out by themselves, so that no outgoing connection takes a port before its store does. */
const FIRST_PORT = 20_000;
const PORT_COUNT = 12_000;

/** Ports that a test run may take before it meets those of the one that was started next. A prime. */
const PORTS_PER_RUN = 211;

/** Test runs side by side begin at different ports. */
let lastPort = (process.pid * PORTS_PER_RUN) % PORT_COUNT;

const claims: string[] = [];
process.on('exit', () => {
  for (const file of claims) rmSync(file, { force: true });
});

/** A port that nobody listens on, and that no test run gives out a second time while this one lasts. */
export async function freePort(): Promise<number> {
  for (;;) {
    lastPort = (lastPort + 1) % PORT_COUNT;
    const port = FIRST_PORT + lastPort;
    if (claim(port) && (await isFree(port))) return port;
  }
}

/** A store may begin to listen long after its port was given out: a file says meanwhile whose it is. @returns whether it is ours now */
function claim(port: number): boolean {
  const file = join(tmpdir(), `redlink-test-port-${port}`);
  if (!isAbandoned(file)) return false;
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
  } catch {
    return false; // Another run was quicker.
  }
  claims.push(file);
  return true;
}

/** Whether there is no such claim, or one of a run that has ended; that is removed. */
function isAbandoned(file: string): boolean {
  try {
    process.kill(Number(readFileSync(file, 'utf8')), 0);
    return false;
  } catch {
    rmSync(file, { force: true });
    return true;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, LOOPBACK), 'listening');
  } catch {
    return false; // In use by something else.
  }
  server.close();
  await once(server, 'close');
  return true;
}
