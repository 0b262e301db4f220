/**
 * `npm run storm:kill -- --seed S --messages N --kills K --rate R`: kills processes of a small mesh at random, under steady load, and
 * judges what became of each message. Ends with 1 where a promise was broken.
 */
import { parseArgs } from 'node:util';
import { killStorm } from '../test/storm/kill-storm.js';
import { tellVerdict } from './tell-verdict.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now()) },
    messages: { type: 'string', default: '20000' },
    kills: { type: 'string', default: '100' },
    rate: { type: 'string', default: '100' },
  },
});

console.log(`seed ${values.seed}: ${values.messages} messages at ${values.rate}/s, ${values.kills} kills`);
const result = await killStorm({
  seed: values.seed,
  messages: Number(values.messages),
  kills: Number(values.kills),
  perSecond: Number(values.rate),
  progress: (text) => {
    console.log(text);
  },
});
tellVerdict(result);
