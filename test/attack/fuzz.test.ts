/** Bodies made from a seed, for each endpoint, by strangers and by a member that misuses its key. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ENDPOINTS, hostileBody } from './bodies.js';
import { AT_A_TIME, INPUTS, SEED, TEST_WITHIN_MS } from './scale.js';
import { Siege } from './siege.js';
import type { Answer } from './stranger.js';

/** Bodies made at a time: some are large, and all of them would not fit into memory. */
const MADE_AT_A_TIME = 1_000;

for (const mode of ['legacy', 'mesh'] as const) {
  describe(`a store in ${mode} mode, sent hostile bodies (seed ${SEED})`, function () {
    this.timeout(TEST_WITHIN_MS);
    let siege: Siege;

    before(async () => {
      siege = await Siege.begin(mode);
    });
    beforeEach(() => siege.look());
    after(() => siege.end());

    for (const [name, { path, body }] of Object.entries(ENDPOINTS)) {
      it(`answers ${INPUTS} of a stranger for ${name}, and does nothing`, async () => {
        await send(
          body,
          (one) => siege.stranger.post(path, one),
          (answer) => {
            siege.sound(answer);
          },
        );
        await siege.unharmed();
      });

      if (mode === 'mesh') {
        it(`answers ${INPUTS} of a member that misuses its key for ${name}, and gives nothing away`, async () => {
          await send(
            body,
            (one) => siege.member.post(path, one),
            ({ status, text }) => {
              assert.ok(status >= 200 && status < 500, `status ${status}: ${text}`);
              assert.doesNotMatch(text, /the secret/);
            },
          );
          assert.equal((await siege.target.report()).owned, false);
        });
      }
    }
  });
}

/** @throws Error with the body whose answer was not as it may be */
async function send(
  body: object,
  post: (body: string) => Promise<Answer>,
  check: (answer: Answer) => void,
): Promise<void> {
  for (let made = 0; made < INPUTS; made += MADE_AT_A_TIME) {
    const numRuns = Math.min(MADE_AT_A_TIME, INPUTS - made);
    const bodies = fc.sample(hostileBody(body), { numRuns, seed: SEED + made });
    for (let at = 0; at < bodies.length; at += AT_A_TIME) {
      const some = bodies.slice(at, at + AT_A_TIME);
      const answers = await Promise.all(some.map(post));
      answers.forEach((answer, n) => {
        try {
          check(answer);
        } catch (thrown) {
          throw new Error(`after ${JSON.stringify(some[n]?.slice(0, 2_000))}`, { cause: thrown });
        }
      });
    }
  }
}
