/** Large payloads between two processes, and the same bytes as a bare `got` stream in two others, in turns. */
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../test/support/free-port.js';
import { BareGot } from '../bare-got.js';
import { asking, flow, measuring, store } from '../flows.js';
import { BenchInstance } from '../node-red.js';
import { median } from '../report.js';
import { rounded, withInstances, type Case, type Row } from './case.js';

const BYTES_PER_MB = 1_000_000;
const SIZES = [1_000, 100_000, 10_000_000, 100_000_000, 1_000_000_000];
const QUICK_SIZES = SIZES.filter((size) => size < 1_000_000_000);
/** Small ones are repeated until so many bytes went, or so many messages. */
const BYTES_PER_ROUND = 100_000_000;
const MOST_PER_ROUND = 200;
const SETTLE_MS = 3_000;

export const large: Case = async ({ quick }) => {
  const [a, b] = [await freePort(), await freePort()];
  const answers = new BenchInstance(flow(store('b', { port: b }), measuring('b', 'measure')));
  const asks = new BenchInstance(flow(store('a', { port: a, norths: [b] }), asking('ask', 'a', 'measure')));
  const bare = await BareGot.start();
  try {
    return await withInstances([answers, asks], async () => {
      await pause(SETTLE_MS);
      const rows: Row[] = [];
      for (const bytes of quick ? QUICK_SIZES : SIZES) {
        const times = Math.max(1, Math.min(MOST_PER_ROUND, Math.floor(BYTES_PER_ROUND / bytes)));
        const [own, other]: [number[], number[]] = [[], []];
        asks.forgetPeak();
        answers.forgetPeak();
        for (let round = 0; round < 3; round += 1) {
          const { ms = NaN } = await asks.drive('ask', { job: 'large', bytes, times });
          own.push((bytes * times) / BYTES_PER_MB / (ms / 1_000));
          other.push((bytes * times) / BYTES_PER_MB / ((await bare.send(bytes, times)) / 1_000));
        }
        rows.push({
          bytes,
          'MB/s': rounded(median(own), 2),
          'got MB/s': rounded(median(other), 2),
          ratio: rounded(median(own) / median(other), 2),
          'peak sender MB': rounded(asks.peakMemory() / BYTES_PER_MB),
          'peak receiver MB': rounded(answers.peakMemory() / BYTES_PER_MB),
        });
      }
      return rows;
    });
  } finally {
    bare.end();
  }
};
