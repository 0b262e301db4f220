/** What a peer that belongs notices of a flood: its round trips, beside those of an idle store. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { z } from 'zod';
import { IN_FULL, SILENT, TEST_WITHIN_MS } from './scale.js';
import { Siege } from './siege.js';

/** Round trips of which the slowest in a hundred is looked at. */
const ROUND_TRIPS = IN_FULL ? 2_000 : 200;

/** How much slower the slowest in a hundred may be; the share runs beside other things, on any machine. */
const SLOWER_AT_MOST = IN_FULL ? 2 : 10;

/** Below so much, ms, a difference is that of the machine and not of the store. */
const NOTHING_MS = IN_FULL ? 5 : 100;

/** A flood is let swell so long, ms. */
const SWELLING_MS = IN_FULL ? 3_000 : 500;

const FLOODS = ['silence', 'handshakes', 'registrations', 'large', 'deep', 'packed'];

for (const mode of ['legacy', 'mesh'] as const) {
  describe(`a peer of a store in ${mode} mode`, function () {
    this.timeout(TEST_WITHIN_MS);
    let siege: Siege;
    let idle: number;

    before(async () => {
      siege = await Siege.begin(mode);
      await slowestInHundred();
      idle = await slowestInHundred();
    });
    after(() => siege.end());

    /** @returns the 99th percentile of round trips, ms */
    async function slowestInHundred(): Promise<number> {
      const took: number[] = [];
      for (let n = 0; n < ROUND_TRIPS; n += 1) {
        const began = performance.now();
        const { status } = await siege.member.post('/read-message', '{"redlinkProducerId":"p"}');
        took.push(performance.now() - began);
        assert.ok(status >= 200 && status < 500, `status ${status}`);
      }
      took.sort((a, b) => a - b);
      return took[Math.floor(ROUND_TRIPS * 0.99)] ?? Infinity;
    }

    for (const kind of FLOODS) {
      it(`is served as ever during a flood of ${kind}`, async function () {
        const script = join(import.meta.dirname, 'flooder.ts');
        const args = [String(siege.target.port), kind, String(SILENT)];
        const flooder = fork(script, args, { execArgv: ['--import=tsx'] });
        try {
          await once(flooder, 'message');
          await new Promise((resolve) => setTimeout(resolve, SWELLING_MS));
          await siege.target.report();
          const flooded = await slowestInHundred();
          const { heldMs } = await siege.target.report();
          flooder.send('done');
          const [done] = z.tuple([z.number()], z.unknown()).parse(await once(flooder, 'message'));
          const figures = `p99 ${flooded.toFixed(1)} ms, idle ${idle.toFixed(1)} ms, at most ${heldMs.toFixed(0)} ms held, ${String(done)} done`;
          if (IN_FULL) console.log(`        ${figures}`);
          assert.ok(flooded < Math.max(idle * SLOWER_AT_MOST, NOTHING_MS), figures);
        } finally {
          const ended = once(flooder, 'exit');
          flooder.disconnect();
          await ended;
        }
      });
    }
  });
}
