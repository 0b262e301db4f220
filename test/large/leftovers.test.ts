import assert from 'node:assert/strict';
import { sendWithKills } from './leftovers.js';

const MESSAGES = 10_000;
const KILLS = 100;
const LIMIT_MS = 3_600_000;

describe('files of large payloads', () => {
  it(`none is left over after ${MESSAGES} large messages and ${KILLS} kills`, async () => {
    const { answered, leftByKills, left } = await sendWithKills(MESSAGES, KILLS, 'leftovers');
    console.log(
      `      ${answered} answered; the kills left ${leftByKills} files, of which now ${left.length}`,
    );
    assert.ok(answered >= MESSAGES);
    assert.ok(leftByKills > 0);
    assert.deepEqual(left, []);
  }).timeout(LIMIT_MS);
});
