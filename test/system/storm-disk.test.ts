import assert from 'node:assert/strict';
import { diskStorm } from '../storm/disk-storm.js';

const TEST_WITHIN_MS = 240_000;
/** A short share of `npm run storm:disk`. */
const SHARE = { troubles: 3, perSecond: 40 };
const SEED = process.env['REDLINK_SEED'] ?? String(Date.now());

describe('stores without room, file handles or the right time, under load', function () {
  this.timeout(TEST_WITHIN_MS);

  it(`say why they take nothing, lose no accepted message, and go on when all is well again, seed ${SEED}`, async () => {
    const { wrong, accepted } = await diskStorm({ ...SHARE, seed: SEED });
    assert.deepEqual(wrong, []);
    assert.ok(accepted > 0);
  });
});
