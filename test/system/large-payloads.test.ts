import assert from 'node:assert/strict';
import { assertWithinBudget } from '../large/budget.js';
import { Chain } from '../large/chain.js';
import { sendWithKills } from '../large/leftovers.js';
import type { Recipe } from '../large/nodes.js';

/** The short share of `npm run test:large`. */

const MESSAGES = 300;
const KILLS = 4;

const START_WITHIN_MS = 180_000;
const TRANSFER_WITHIN_MS = 180_000;

const MB = 1_000_000;

const RECIPES: readonly Recipe[] = [
  { kind: 'string', size: 20 * MB },
  { kind: 'buffer', size: 64 * MB },
];

describe('payloads of many megabytes across two processes and one on the way', function () {
  this.timeout(TRANSFER_WITHIN_MS);
  let chain: Chain;

  before(async function () {
    this.timeout(START_WITHIN_MS);
    chain = await Chain.start(TRANSFER_WITHIN_MS);
  });

  after(() => chain.stop());

  for (const recipe of RECIPES) {
    it(`${recipe.kind}: arrive as they were sent, as message and as reply, in bounded memory`, async () => {
      assertWithinBudget(recipe, await chain.send(recipe));
      assertWithinBudget(recipe, await chain.ask(recipe));
    });
  }
});

describe('files of large payloads, where the process is killed again and again', () => {
  it('are all gone when all messages are answered', async () => {
    const { answered, leftByKills, left } = await sendWithKills(MESSAGES, KILLS, 'share');
    assert.ok(answered >= MESSAGES);
    assert.ok(leftByKills > 0, 'no kill left a file behind, which proves nothing');
    assert.deepEqual(left, []);
  }).timeout(TRANSFER_WITHIN_MS);
});
