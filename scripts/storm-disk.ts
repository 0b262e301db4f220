/**
 * `npm run storm:disk -- --seed S --troubles N --rate R`: full and protected disks, file handles that run out and wrong clocks, one after
 * the other, at two stores under steady load, and a verdict on each message. Mounts small disks, so that it needs root. Ends with 1
 * where a promise was broken.
 */
import { parseArgs } from 'node:util';
import { diskStorm } from '../test/storm/disk-storm.js';
import { tellVerdict } from './tell-verdict.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now()) },
    troubles: { type: 'string', default: '24' },
    rate: { type: 'string', default: '50' },
  },
});

console.log(`seed ${values.seed}: ${values.troubles} troubles under ${values.rate} messages/s`);
const result = await diskStorm({
  seed: values.seed,
  troubles: Number(values.troubles),
  perSecond: Number(values.rate),
  progress: (text) => {
    console.log(text);
  },
});
tellVerdict(result);
