/** A process with 1,000 consumers starts beside a store that is there: how long until that one knows them all. */
import { freePort } from '../../test/support/free-port.js';
import { driver, echoing, flow, sink, store } from '../flows.js';
import { BenchInstance } from '../node-red.js';
import { median } from '../report.js';
import { rounded, withInstances, type Case } from './case.js';

const CONSUMERS = [1, 100, 1_000];

export const registration: Case = async ({ quick }) => {
  const rows = [];
  for (const consumers of CONSUMERS) {
    const fromStart: number[] = [];
    const fromFirst: number[] = [];
    for (let round = 0; round < (quick ? 1 : 3); round += 1) {
      const [north, south] = [await freePort(), await freePort()];
      const echoes = Array.from({ length: consumers }, (_item, nth) => echoing('b', `service ${nth}`));
      const knows = new BenchInstance(
        flow(store('a', { port: north }), driver('watch', 'sink'), sink('sink')),
      );
      const offers = new BenchInstance(flow(store('b', { port: south, norths: [north] }), ...echoes));
      await withInstances([knows], async () => {
        const seen = knows.drive('watch', { job: 'watch', store: 'bench:a', count: consumers });
        await withInstances([offers], async () => {
          const { firstAt = NaN, allAt = NaN } = await seen;
          fromStart.push(allAt - offers.startedAtEpochMs);
          fromFirst.push(allAt - firstAt);
        });
      });
    }
    rows.push({
      consumers,
      'from Started flows until all are known, ms': rounded(median(fromStart)),
      'from the first until the last, ms': rounded(median(fromFirst)),
    });
  }
  return rows;
};
