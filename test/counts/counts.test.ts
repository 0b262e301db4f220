import assert from 'node:assert/strict';
import { countPerMessage } from './counted-mesh.js';
import { SITUATIONS } from './situations.js';
import { COUNTED, type Tally } from './tally.js';

/** Renewals and the like, which come by time and not by message: so much of each for a message, at most. */
const BESIDE = 0.05;

function over(counts: Tally, atMost: Tally): string[] {
  return COUNTED.filter((what) => counts[what] > atMost[what] + BESIDE).map(
    (what) => `${what}: ${counts[what].toFixed(2)} for each message, at most ${atMost[what]}`,
  );
}

describe('what a message has done for it', () => {
  for (const situation of SITUATIONS) {
    it(`is no more than the table allows: ${situation.name}`, async () => {
      assert.deepEqual(over(await countPerMessage(situation), situation.atMost), []);
    });
  }

  it('is counted at all: a round trip between two processes is three requests, three rows and four records', async () => {
    const situation = SITUATIONS.find(({ name }) => name === 'two processes, 1 in flight');
    assert.ok(situation !== undefined);
    const { posts, statements, records, timers, textsWritten, textsRead } = await countPerMessage(situation);
    for (const [count, least] of [
      [posts, 3],
      [statements, 3],
      [records, 4],
      [timers, 1],
      [textsWritten, 1],
      [textsRead, 1],
    ] as const) {
      assert.ok(count >= least, `${count} of ${least}`);
    }
  });
});
