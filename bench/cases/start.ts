/** The start, and what an idle store costs, against the same Node-RED without this package. */
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../test/support/free-port.js';
import { asking, driver, echoing, flow, sink, store } from '../flows.js';
import type { BenchInstance } from '../node-red.js';
import { median } from '../report.js';
import { rounded, withInstance, type Case } from './case.js';

const BYTES_PER_MB = 1024 * 1024;
const CALM_MS = 3_000;
/** So long that a few ticks of the kernel's clock, of 10 ms each, make a small share. */
const IDLE_MS = 20_000;

interface Figures {
  readonly started: number[];
  readonly heap: number[];
  readonly rss: number[];
  readonly cpu: number[];
}

export const start: Case = async ({ quick }) => {
  const figures: Record<string, Figures> = {
    'Node-RED alone': { started: [], heap: [], rss: [], cpu: [] },
    'with a store': { started: [], heap: [], rss: [], cpu: [] },
  };
  const alone = flow(driver('ask', 'sink'), sink('sink'));
  for (let round = 0; round < (quick ? 3 : 5); round += 1) {
    const port = await freePort();
    const redlink = flow(store('a', { port }), asking('ask', 'a', 'echo'), echoing('a', 'echo'));
    await withInstance(alone, (one) => look(one, figures['Node-RED alone']), { withRedlink: false });
    await withInstance(redlink, (one) => look(one, figures['with a store']));
  }
  return Object.entries(figures).map(([name, { started, heap, rss, cpu }]) => ({
    what: name,
    'started ms': rounded(median(started)),
    'heap MB': rounded(median(heap), 1),
    'resident MB': rounded(median(rss), 1),
    'CPU %': rounded(median(cpu), 2),
  }));
};

async function look(instance: BenchInstance, figures: Figures | undefined): Promise<void> {
  await pause(CALM_MS);
  const { heapUsed, rss } = await instance.memory();
  await pause(CALM_MS);
  const before = instance.cpuMs();
  await pause(IDLE_MS);
  figures?.cpu.push(((instance.cpuMs() - before) / IDLE_MS) * 100);
  figures?.started.push(instance.startedInMs);
  figures?.heap.push(heapUsed / BYTES_PER_MB);
  figures?.rss.push(rss / BYTES_PER_MB);
}
