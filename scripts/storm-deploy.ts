/**
 * `npm run storm:deploy -- --seed S --deploys N --rate R`: deploys of every sort over two Node-RED processes under steady load,
 * and a verdict on each message. Ends with 1 where a promise was broken.
 */
import { parseArgs } from 'node:util';
import { deployStorm } from '../test/storm/deploy-storm.js';
import { tellVerdict } from './tell-verdict.js';

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
const result = await deployStorm({
  seed: values.seed,
  deploys: Number(values.deploys),
  perSecond: Number(values.rate),
  everyMs: EVERY_MS,
  progress: (text) => {
    console.log(text);
  },
});
const { slowestListenerMs, wrong } = result;
const late =
  slowestListenerMs > LISTENS_WITHIN_MS
    ? [`a store listened again only after ${Math.round(slowestListenerMs)} ms`]
    : [];
tellVerdict({ ...result, wrong: [...late, ...wrong] });
