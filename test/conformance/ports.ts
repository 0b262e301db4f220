import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { LOOPBACK } from './legacy-store.js';

/** How long a store may take until it listens, while many start at once. */
const START_TIMEOUT_MS = 15_000;

/** Between two looks at whether a store listens. */
const START_POLL_MS = 25;

/** Below what systems hand out by themselves, so that no outgoing connection takes a port before its store does. */
const FIRST_PORT = 20_000;
const PORT_COUNT = 12_000;

/** Ports that a test run may take before it meets those of the one that was started next. A prime. */
const PORTS_PER_RUN = 211;

/** Test runs side by side begin at different ports. */
let lastPort = (process.pid * PORTS_PER_RUN) % PORT_COUNT;

/** A port that nobody listens on, and that is given out once. */
export async function freePort(): Promise<number> {
  lastPort = (lastPort + 1) % PORT_COUNT;
  const port = FIRST_PORT + lastPort;
  const server = createServer();
  try {
    await once(server.listen(port, LOOPBACK), 'listening');
  } catch {
    return freePort(); // In use: the next one.
  }
  server.close();
  await once(server, 'close');
  return port;
}

/** Waits until something listens; gives up silently, since every scene then says what did not come. */
export async function listens(port: number): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await accepts(port)) && Date.now() < deadline) {
    await delay(START_POLL_MS);
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, LOOPBACK);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false; // Refused: it does not listen yet.
  } finally {
    socket.destroy();
  }
}
