/**
 * What peers and consumers in trouble cost a healthy service between the same two processes: its p99 with them, as a
 * ratio to its p99 alone, measured in turns.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../test/support/free-port.js';
import { asking, echoing, flow, never, slowly, store } from '../flows.js';
import { BenchInstance } from '../node-red.js';
import { median } from '../report.js';
import { MESSAGE_BYTES, rounded, withInstances, type Case, type Row } from './case.js';

const IN_FLIGHT = 4;
const LOOP_MS = 3_000;
const WARM_UP_MS = 3_000;
const SETTLE_MS = 3_000;
const TROUBLE_IN_FLIGHT = 64;
const STUCK_MESSAGES = 200;
/** A slow peer runs for a tenth of the time. */
const SLOW_RUNS_MS = 50;
const SLOW_STANDS_MS = 450;

interface Players {
  readonly asks: BenchInstance;
  readonly peer: BenchInstance;
}

/** Makes trouble for so long. */
type Trouble = (players: Players, ms: number) => Promise<unknown>;

const troubleLoop = (service: string) => (of: BenchInstance, ms: number) =>
  of.drive(service, { job: 'loop', inFlight: TROUBLE_IN_FLIGHT, ms, bytes: MESSAGE_BYTES });

const TROUBLES: Readonly<Record<string, Trouble>> = {
  'a slow consumer': ({ asks }, ms) => troubleLoop('slow')(asks, ms),
  'a stuck consumer': ({ asks }) =>
    asks.drive('stuck', { job: 'burst', count: STUCK_MESSAGES, bytes: MESSAGE_BYTES }),
  'a consumer flooded from the same process': ({ asks }, ms) => troubleLoop('other')(asks, ms),
  'a flooding peer': ({ peer }, ms) => troubleLoop('flood')(peer, ms),
  'a slow peer': async ({ asks, peer }, ms) => {
    await asks.drive('peer', { job: 'burst', count: STUCK_MESSAGES, bytes: MESSAGE_BYTES });
    for (let passed = 0; passed < ms; passed += SLOW_RUNS_MS + SLOW_STANDS_MS) {
      peer.signal('SIGSTOP');
      await pause(SLOW_STANDS_MS);
      peer.signal('SIGCONT');
      await pause(SLOW_RUNS_MS);
    }
  },
  'a stuck peer': async ({ asks, peer }, ms) => {
    peer.signal('SIGSTOP');
    await asks.drive('peer', { job: 'burst', count: STUCK_MESSAGES, bytes: MESSAGE_BYTES });
    await pause(ms);
    peer.signal('SIGCONT');
  },
};

export const trouble: Case = async ({ quick }) => {
  const [a, b, c] = [await freePort(), await freePort(), await freePort()];
  const healthy = new BenchInstance(
    flow(
      store('b', { port: b }),
      echoing('b', 'echo'),
      echoing('b', 'other'),
      slowly('b', 'slow'),
      never('b', 'stuck'),
    ),
  );
  const peer = new BenchInstance(
    flow(store('c', { port: c, norths: [b] }), asking('flood', 'c', 'other'), echoing('c', 'peer')),
  );
  const services = ['slow', 'stuck', 'other', 'peer'].map((service) => asking(service, 'a', service));
  const asks = new BenchInstance(
    flow(store('a', { port: a, norths: [b, c] }), asking('ask', 'a', 'echo'), ...services),
  );
  return withInstances([healthy, peer, asks], async () => {
    await pause(SETTLE_MS);
    const p99 = async (ms: number): Promise<number> =>
      (await asks.drive('ask', { job: 'loop', inFlight: IN_FLIGHT, ms, bytes: MESSAGE_BYTES }))['p99'] ?? NaN;
    await p99(WARM_UP_MS);
    const rows: Row[] = [];
    for (const [name, make] of Object.entries(TROUBLES)) {
      const [alone, beside]: [number[], number[]] = [[], []];
      for (let round = 0; round < (quick ? 2 : 5); round += 1) {
        alone.push(await p99(LOOP_MS));
        const made = make({ asks, peer }, LOOP_MS);
        beside.push(await p99(LOOP_MS));
        await made;
      }
      const [own, other] = [median(alone), median(beside)];
      rows.push({
        beside: name,
        'p99 alone ms': rounded(own, 2),
        'p99 ms': rounded(other, 2),
        ratio: rounded(other / own, 2),
      });
    }
    return rows;
  });
};
