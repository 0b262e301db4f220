/** Everything at once into a producer whose service nobody offers, and into a node that does nothing, in one process. */
import { freePort } from '../../test/support/free-port.js';
import { asking, driver, flow, sink, store } from '../flows.js';
import { median } from '../report.js';
import { MESSAGE_BYTES, rounded, withInstance, type Case, type Row } from './case.js';

const BURSTS = [10_000, 100_000];
/** V8 compiles what it has seen often: a first burst would measure the compiler. */
const WARM_UP_COUNT = 10_000;
const WARM_UPS = 2;

interface Burst {
  readonly ms: number;
  readonly heldMs: number;
}

export const burst: Case = async ({ quick, profiles }) => {
  const rows: Row[] = [];
  const rounds = quick ? 1 : 3;
  for (const count of BURSTS) {
    const nothing: Burst[] = [];
    const producer: Burst[] = [];
    const bytesEach: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const port = await freePort();
      const nodes = flow(
        driver('idle', 'sink'),
        sink('sink'),
        store('a', { port }),
        asking('ask', 'a', 'nobody'),
      );
      await withInstance(
        nodes,
        async (one) => {
          const burstOf = async (into: string, messages: number): Promise<Burst> => {
            const { ms = NaN, heldMs = NaN } = await one.drive(into, {
              job: 'burst',
              count: messages,
              bytes: MESSAGE_BYTES,
            });
            return { ms, heldMs };
          };
          for (let nth = 0; nth < WARM_UPS; nth += 1) {
            await burstOf('idle', WARM_UP_COUNT);
            await burstOf('ask', WARM_UP_COUNT);
          }
          const before = await one.memory();
          nothing.push(await burstOf('idle', count));
          producer.push(await burstOf('ask', count));
          const after = await one.memory();
          bytesEach.push((after.heapUsed - before.heapUsed) / count);
        },
        { profiles },
      );
    }
    const held = (of: readonly Burst[]): number => median(of.map(({ heldMs }) => heldMs));
    rows.push({
      messages: count,
      'taken in ms': rounded(median(producer.map(({ ms }) => ms))),
      'held ms': rounded(held(producer)),
      'held by nothing ms': rounded(held(nothing)),
      'longer ms': rounded(held(producer) - held(nothing)),
      'bytes queued each': rounded(median(bytesEach)),
    });
  }
  return rows;
};
