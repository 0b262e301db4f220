import { MemoryNetwork } from '../../src/transport/memory.js';
import { VirtualClock } from '../simulation/virtual-clock.js';
import { transportCompliance, type Arena } from './compliance.js';

/** How far the clock jumps at a time: well below the limits that the suite hits. */
const STEP_MS = 100;

/** A network on a clock that jumps ahead while a test waits. */
async function memoryArena(): Promise<Arena> {
  const clock = new VirtualClock();
  const network = new MemoryNetwork(clock);
  let ports = 2_000;
  let transports = 0;
  return {
    transport: () => network.transport(`store ${transports++}`),
    freeAddress: async () => ({ host: 'host', port: String(ports++) }),
    during: async (work) => {
      const waiting = new Set([work]);
      const done = (): void => {
        waiting.clear();
      };
      work.then(done, done);
      while (waiting.size > 0) await clock.advance(STEP_MS);
      return work;
    },
    close: async () => undefined,
  };
}

transportCompliance('memory', memoryArena);
