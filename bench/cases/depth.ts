/** What a full queue of one service costs another service of the same store. */
import { freePort } from '../../test/support/free-port.js';
import { asking, echoing, flow, store } from '../flows.js';
import { BenchInstance } from '../node-red.js';
import { median } from '../report.js';
import { MESSAGE_BYTES, rounded, withInstances, type Case } from './case.js';

const DEPTHS = [0, 1_000, 10_000, 100_000];
const LOOP_MS = 2_000;
const IN_FLIGHT = 16;

export const depth: Case = async ({ quick }) => {
  const instances: BenchInstance[] = [];
  while (instances.length < DEPTHS.length) {
    const port = await freePort();
    instances.push(
      new BenchInstance(
        flow(
          store('a', { port }),
          asking('fill', 'a', 'nobody'),
          asking('ask', 'a', 'echo'),
          echoing('a', 'echo'),
        ),
      ),
    );
  }
  return withInstances(instances, async () => {
    const loop = { job: 'loop', inFlight: IN_FLIGHT, ms: LOOP_MS, bytes: MESSAGE_BYTES };
    for (const [nth, instance] of instances.entries()) {
      const count = DEPTHS[nth] ?? 0;
      if (count > 0) await instance.drive('fill', { job: 'burst', count, bytes: MESSAGE_BYTES });
      await instance.drive('ask', loop);
    }
    const rates: number[][] = instances.map(() => []);
    // In turns: what else the machine does meets all depths alike.
    for (let round = 0; round < (quick ? 3 : 7); round += 1) {
      for (const [nth, instance] of instances.entries()) {
        rates[nth]?.push((await instance.drive('ask', loop))['perSecond'] ?? NaN);
      }
    }
    const empty = median(rates[0] ?? []);
    return DEPTHS.map((queued, nth) => {
      const rate = median(rates[nth] ?? []);
      return { queued, 'per second': rounded(rate), ratio: rounded(rate / empty, 2) };
    });
  });
};
