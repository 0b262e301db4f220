import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { LOOPBACK } from './legacy-store.js';

/** How long a store may take until it listens, while many start at once. */
const START_TIMEOUT_MS = 15_000;

/** Between two looks at whether a store listens. */
const START_POLL_MS = 25;

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
