import assert from 'node:assert/strict';
import { killStorm } from '../storm/kill-storm.js';

const TEST_WITHIN_MS = 240_000;
/** A short share of `npm run storm:kill`, at a pace that leaves messages under way at every kill. */
const SHARE = { messages: 400, kills: 6, perSecond: 50 };
const SEED = process.env['REDLINK_SEED'] ?? String(Date.now());

describe('processes that are killed at random under load', function () {
  this.timeout(TEST_WITHIN_MS);

  it(`lose no accepted message, and repeat none without saying so, seed ${SEED}`, async () => {
    const { wrong, accepted, replied, failed, confirmed } = await killStorm({ ...SHARE, seed: SEED });
    assert.deepEqual(wrong, []);
    assert.ok(accepted >= SHARE.messages - SHARE.kills, `${accepted} were accepted`);
    assert.ok(replied + failed + confirmed >= accepted);
  });
});
