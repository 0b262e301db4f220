import assert from 'node:assert/strict';
import { networkStorm } from '../storm/network-storm.js';

const TEST_WITHIN_MS = 180_000;
/** A short share of `npm run storm:network`. */
const SHARE = { partitions: 3, perSecond: 40, longestMs: 2_500 };
const SEED = process.env['REDLINK_SEED'] ?? String(Date.now());

describe('a network that fails and heals at random under load', function () {
  this.timeout(TEST_WITHIN_MS);

  it(`loses no accepted message, repeats none without saying so, and all moves on after it, seed ${SEED}`, async () => {
    const { wrong, accepted, faults } = await networkStorm({ ...SHARE, seed: SEED });
    assert.deepEqual(wrong, []);
    assert.ok(accepted > 0);
    assert.notDeepEqual(faults, {});
  });
});
