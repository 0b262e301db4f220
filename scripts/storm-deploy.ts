/**
 * `npm run storm:deploy -- --seed S --deploys N --rate R`: deploys of every sort over two Node-RED processes under steady load,
 * and a verdict on each message. Ends with 1 where a promise was broken.
 */
import { parseArgs } from 'node:util';
import { deployStorm } from '../test/storm/deploy-storm.js';

/** A store listens again within this time after a deploy, ms (docs/RELIABILITY.md). */
const LISTENS_WITHIN_MS = 2_000;
/** Mean time between deploys, ms. */
const EVERY_MS = 2_000;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now()) },
    deploys: { type: 'string', default: '60' },
    rate: { type: 'string', default: '100' },
  },
});

console.log(`seed ${values.seed}: ${values.deploys} deploys under ${values.rate} messages/s`);
const { wrong, ...figures } = await deployStorm({
  seed: values.seed,
  deploys: Number(values.deploys),
  perSecond: Number(values.rate),
  everyMs: EVERY_MS,
  progress: (text) => {
    console.log(text);
  },
});
console.log(JSON.stringify(figures, undefined, 2));
const late = figures.slowestListenerMs > LISTENS_WITHIN_MS;
if (late) console.error(`a store listened again only after ${Math.round(figures.slowestListenerMs)} ms`);
for (const line of wrong) console.error(line);
console.log(wrong.length === 0 && !late ? 'nothing lost' : `${wrong.length + Number(late)} promises broken`);
process.exitCode = wrong.length === 0 && !late ? 0 : 1;
