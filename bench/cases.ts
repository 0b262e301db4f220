/** What is no closed loop: bursts, a full queue, the start, and what an idle store costs. */
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../test/support/node-red-process.js';
import { asking, driver, echoing, flow, sink, store, type BenchNode } from './flows.js';
import { BenchInstance, type BenchInstanceOptions } from './node-red.js';
import { median, printTable } from './report.js';

const MESSAGE_BYTES = 1_024;
const BYTES_PER_MB = 1024 * 1024;
const BURSTS = [10_000, 100_000];
/** Messages in the queue while others go through. */
const DEPTHS = [0, 100_000];
const LOOP_MS = 3_000;
const IN_FLIGHT = 16;
const ROUNDS = 3;
const CALM_MS = 3_000;
const IDLE_MS = 10_000;

async function withInstance<T>(
  nodes: readonly BenchNode[],
  work: (instance: BenchInstance) => Promise<T>,
  options: BenchInstanceOptions = {},
): Promise<T> {
  const instance = new BenchInstance(nodes, options);
  await instance.start();
  try {
    return await work(instance);
  } finally {
    await instance.stop();
  }
}

/** Everything at once into a producer whose service nobody offers, and into a node that does nothing. */
export async function bursts(): Promise<void> {
  console.log('\nBurst: until all were taken in, and the longest that the event loop was held\n');
  const rows: string[][] = [['messages', 'into', 'ms', 'held ms']];
  for (const count of BURSTS) {
    const port = await freePort();
    const job = { job: 'burst', count, bytes: MESSAGE_BYTES };
    const nothing = await withInstance(flow(driver('ask', 'sink'), sink('sink')), (one) =>
      one.drive('ask', job),
    );
    const producer = await withInstance(
      flow(store('a', { port }), asking('ask', 'a', 'nobody')),
      async (one) => {
        const before = await one.memory();
        const result = await one.drive('ask', job);
        const after = await one.memory();
        return { result, bytesEach: (after.heapUsed - before.heapUsed) / count };
      },
    );
    rows.push([String(count), 'nothing', whole(nothing['ms']), whole(nothing['heldMs'])]);
    rows.push([String(count), 'a producer', whole(producer.result['ms']), whole(producer.result['heldMs'])]);
    console.log(`${count} queued: ${Math.round(producer.bytesEach)} bytes of heap each`);
  }
  printTable(rows);
}

/** What a full queue of one service costs another service of the same store. */
export async function depths(): Promise<void> {
  const rates: number[] = [];
  for (const depth of DEPTHS) {
    const port = await freePort();
    const nodes = flow(
      store('a', { port }),
      asking('fill', 'a', 'nobody'),
      asking('ask', 'a', 'echo'),
      echoing('a', 'echo'),
    );
    rates.push(
      await withInstance(nodes, async (instance) => {
        if (depth > 0) await instance.drive('fill', { job: 'burst', count: depth, bytes: MESSAGE_BYTES });
        const loop = { job: 'loop', inFlight: IN_FLIGHT, ms: LOOP_MS, bytes: MESSAGE_BYTES };
        const rounds: number[] = [];
        for (let round = 0; round <= ROUNDS; round += 1) {
          rounds.push((await instance.drive('ask', loop))['perSecond'] ?? NaN);
        }
        return median(rounds.slice(1));
      }),
    );
  }
  console.log('\nRound trips per second beside a queue\n');
  const [empty = NaN] = rates;
  printTable([
    ['queued', 'per second', 'ratio'],
    ...rates.map((rate, index) => [String(DEPTHS[index]), rate.toFixed(0), (rate / empty).toFixed(2)]),
  ]);
}

/** Against the same Node-RED without this package. */
export async function startAndIdle(): Promise<void> {
  const figures = { alone: emptyFigures(), redlink: emptyFigures() };
  for (let round = 0; round < ROUNDS; round += 1) {
    const port = await freePort();
    const nodes = flow(store('a', { port }), asking('ask', 'a', 'echo'), echoing('a', 'echo'));
    await withInstance(flow(driver('ask', 'sink'), sink('sink')), (one) => look(one, figures.alone), {
      withRedlink: false,
    });
    await withInstance(nodes, (one) => look(one, figures.redlink));
  }
  console.log('\nStart and idle, medians\n');
  printTable([
    ['', 'started ms', 'heap MB', 'resident MB', 'CPU %'],
    ...Object.entries(figures).map(([name, { started, heap, rss, cpu }]) => [
      name,
      median(started).toFixed(0),
      median(heap).toFixed(1),
      median(rss).toFixed(1),
      median(cpu).toFixed(2),
    ]),
  ]);
}

interface StartFigures {
  readonly started: number[];
  readonly heap: number[];
  readonly rss: number[];
  readonly cpu: number[];
}

function emptyFigures(): StartFigures {
  return { started: [], heap: [], rss: [], cpu: [] };
}

async function look(instance: BenchInstance, figures: StartFigures): Promise<void> {
  await pause(CALM_MS);
  const { heapUsed, rss } = await instance.memory();
  await pause(CALM_MS);
  const before = instance.cpuMs();
  await pause(IDLE_MS);
  figures.started.push(instance.startedInMs);
  figures.heap.push(heapUsed / BYTES_PER_MB);
  figures.rss.push(rss / BYTES_PER_MB);
  figures.cpu.push(((instance.cpuMs() - before) / IDLE_MS) * 100);
}

function whole(value: number | undefined): string {
  return (value ?? NaN).toFixed(0);
}

/** By the names that `--cases` knows. */
export const CASES: Readonly<Record<string, () => Promise<void>>> = {
  burst: bursts,
  depth: depths,
  start: startAndIdle,
};
