import assert from 'node:assert/strict';
import { deployStorm } from '../storm/deploy-storm.js';

const TEST_WITHIN_MS = 300_000;
/** A short share of `npm run storm:deploy`. */
const SHARE = { deploys: 8, perSecond: 40, everyMs: 1_000 };
const SEED = process.env['REDLINK_SEED'] ?? String(Date.now());

describe('deploys at random under load', function () {
  this.timeout(TEST_WITHIN_MS);

  it(`lose no accepted message, and repeat none without saying so, seed ${SEED}`, async () => {
    const { wrong, accepted } = await deployStorm({ ...SHARE, seed: SEED });
    assert.deepEqual(wrong, []);
    assert.ok(accepted > 0);
  });
});
