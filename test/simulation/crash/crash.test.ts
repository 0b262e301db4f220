import assert from 'node:assert/strict';
import type { Point } from './points.js';
import { describeCrash, runCrashSeed } from './run.js';

/** Seeds that every change must stand; `npm run simulate:crash` goes on from there. */
const SEEDS = 40;
/** Of the points at which processes die in these seeds, so many are different ones at least. */
const DIFFERENT_POINTS = 20;
const TEST_LIMIT_MS = 120_000;

describe('crash simulation: processes that die at named points, on disks that outlive them', () => {
  it(`keep every rule, seeds 1 to ${SEEDS}`, async () => {
    const diedAt = new Set<Point>();
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const report = await runCrashSeed(String(seed));
      assert.equal(report.violation, undefined, describeCrash(report));
      for (const point of report.diedAt) diedAt.add(point);
    }
    assert.ok(diedAt.size >= DIFFERENT_POINTS, `only at ${[...diedAt].join('; ')}`);
  }).timeout(TEST_LIMIT_MS);

  it('go the same way twice with the same seed', async () => {
    const [first, second] = [await runCrashSeed('7'), await runCrashSeed('7')];
    assert.equal(first.digest, second.digest);
    assert.deepEqual(first.diedAt, second.diedAt);
  }).timeout(TEST_LIMIT_MS);
});
