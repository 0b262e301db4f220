import assert from 'node:assert/strict';
import { assertWithinBudget, shown } from './budget.js';
import { Chain } from './chain.js';
import type { Recipe } from './nodes.js';

const START_WITHIN_MS = 180_000;
const TRANSFER_WITHIN_MS = 900_000;

const MB = 1_000_000;

const RECIPES: readonly Recipe[] = [
  { kind: 'string', size: 200 * MB },
  { kind: 'buffer', size: 1_000 * MB },
];

describe('large payloads across two processes and one on the way', function () {
  this.timeout(TRANSFER_WITHIN_MS);
  let chain: Chain;

  before(async function () {
    this.timeout(START_WITHIN_MS);
    chain = await Chain.start(TRANSFER_WITHIN_MS);
  });

  after(() => chain.stop());

  for (const recipe of RECIPES) {
    it(`a message with a ${recipe.kind} of ${recipe.size / MB} MB takes little more memory than the value`, async () => {
      const transfer = await chain.send(recipe);
      console.log(`      ${shown('message', recipe, transfer)}`);
      assertWithinBudget(recipe, transfer);
    });

    it(`a reply with a ${recipe.kind} of ${recipe.size / MB} MB takes little more memory than the value`, async () => {
      const transfer = await chain.ask(recipe);
      console.log(`      ${shown('reply', recipe, transfer)}`);
      assertWithinBudget(recipe, transfer);
    });
  }

  it('a store on the way that dies in the middle of it costs time, not the message', async () => {
    const { intact, times } = await chain.sendThroughDyingRelay({ kind: 'buffer', size: 200 * MB });
    assert.ok(intact, 'another value has come than was sent');
    assert.equal(times, 1);
  });
});
