/** Ports for the stores and servers of a test run. */
import { once } from 'node:events';
import { createServer } from 'node:net';

const LOOPBACK = '127.0.0.1';

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
