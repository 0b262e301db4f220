import assert from 'node:assert/strict';
import { describeFailure } from './report.js';
import { runSeed } from './run.js';

/** Seeds that every change must stand; `npm run simulate` goes on from there. */
const SEEDS = 200;
/** One test per so many seeds: a test that fails names its seed, and no test runs for long. */
const SEEDS_PER_TEST = 20;
const TEST_LIMIT_MS = 120_000;

describe('simulation: random meshes with faults', () => {
  for (let first = 1; first <= SEEDS; first += SEEDS_PER_TEST) {
    const last = first + SEEDS_PER_TEST - 1;
    it(`keep every invariant, seeds ${first} to ${last}`, async () => {
      for (let seed = first; seed <= last; seed += 1) {
        const report = await runSeed(String(seed));
        assert.equal(report.violation, undefined, describeFailure(report));
      }
    }).timeout(TEST_LIMIT_MS);
  }
});

describe('simulation: a run', () => {
  it('goes the same way twice with the same seed, and another way with another', async () => {
    for (const seed of ['3', '14', '27']) {
      const [first, second] = [await runSeed(seed), await runSeed(seed)];
      assert.equal(first.digest, second.digest, `seed ${seed}`);
      assert.equal(first.events, second.events);
    }
    assert.notEqual((await runSeed('3')).digest, (await runSeed('14')).digest);
  }).timeout(TEST_LIMIT_MS);

  it('does something: messages are sent and delivered in a good share of the seeds', async () => {
    let delivered = 0;
    for (let seed = 1; seed <= 10; seed += 1) {
      if ((await runSeed(String(seed))).deliveries > 0) delivered += 1;
    }
    assert.ok(delivered >= 8, `${delivered} of 10 runs delivered anything`);
  }).timeout(TEST_LIMIT_MS);
});
