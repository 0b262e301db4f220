import { parseArgs } from 'node:util';
import { POINTS, type Point } from '../test/simulation/crash/points.js';
import { describeCrash, runCrashSeed } from '../test/simulation/crash/run.js';

/**
 * `npm run simulate:crash -- --seeds N --seed S`: three stores of the real core on disks that outlive their
 * processes, which die at named points. Runs the seeds S, S + 1 and so on; says how to see a failure again.
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
  console.error('usage: npm run simulate:crash -- --seeds N --seed S [--all]   (N ≥ 1, S a whole number)');
  process.exit(2);
}

let failures = 0;
let messages = 0;
const deaths = new Map<Point, number>(POINTS.map((point) => [point, 0]));
for (let done = 1; done <= count; done += 1) {
  const report = await runCrashSeed(String(first + done - 1));
  messages += report.accepted;
  for (const point of report.diedAt) deaths.set(point, (deaths.get(point) ?? 0) + 1);
  if (report.violation !== undefined) {
    failures += 1;
    console.error(describeCrash(report));
    if (!values.all) break;
  }
  if (count === 1) console.log(`trace ${report.digest}`);
  if (done % PROGRESS_EVERY === 0 || done === count) {
    const sum = [...deaths.values()].reduce((total, number) => total + number, 0);
    console.log(
      `${done} of ${count} seeds, ${messages} messages accepted, ${sum} deaths, ${failures} failures`,
    );
  }
}
const never = POINTS.filter((point) => deaths.get(point) === 0);
console.log(`deaths by point: ${[...deaths].map(([point, number]) => `${point} ${number}`).join('; ')}`);
if (never.length > 0) console.log(`no death at: ${never.join('; ')}`);
process.exitCode = failures === 0 ? 0 : 1;
