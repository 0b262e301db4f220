import { parseArgs } from 'node:util';
import { describeFailure } from '../test/simulation/report.js';
import { runSeed } from '../test/simulation/run.js';

/**
 * `npm run simulate -- --seeds N --seed S`: runs the real core in N simulated meshes, with the seeds S,
 * S + 1 and so on. Says how far it is, and of a failure how to see it again.
 */
const DEFAULT_SEEDS = '200';
const DEFAULT_FIRST_SEED = '1';
/** Seeds between two lines of progress. */
const PROGRESS_EVERY = 50;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: DEFAULT_SEEDS },
    seed: { type: 'string', default: DEFAULT_FIRST_SEED },
    /** Goes on after a failure, to see how many there are. */
    all: { type: 'boolean', default: false },
  },
});
const count = Number(values.seeds);
const first = Number(values.seed);
if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(first)) {
  console.error('usage: npm run simulate -- --seeds N --seed S [--all]   (N ≥ 1, S a whole number)');
  process.exit(2);
}

let failures = 0;
let messages = 0;
let requests = 0;
for (let done = 1; done <= count; done += 1) {
  const report = await runSeed(String(first + done - 1));
  messages += report.messages;
  requests += report.requests;
  if (report.violation !== undefined) {
    failures += 1;
    console.error(describeFailure(report));
    if (!values.all) break;
  }
  if (count === 1)
    console.log(`seed ${report.scenario.seed}: ${report.events} events, trace ${report.digest}`);
  if (done % PROGRESS_EVERY === 0 || done === count) {
    console.log(
      `${done} of ${count} seeds, ${messages} messages, ${requests} requests, ${failures} failures`,
    );
  }
}
process.exitCode = failures === 0 ? 0 : 1;
