/**
 * `npm run storm:network -- --seed S --partitions N --rate R --longest MS`: a network that fails and heals at random between the
 * stores of a small mesh, under steady load, and a verdict on each message. Ends with 1 where a promise was broken.
 */
import { parseArgs } from 'node:util';
import { networkStorm } from '../test/storm/network-storm.js';
import { tellVerdict } from './tell-verdict.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now()) },
    partitions: { type: 'string', default: '20' },
    rate: { type: 'string', default: '50' },
    // Longer than a lease: some messages count as lost by their consumer.
    longest: { type: 'string', default: '25000' },
  },
});

console.log(`seed ${values.seed}: ${values.partitions} partitions under ${values.rate} messages/s`);
const result = await networkStorm({
  seed: values.seed,
  partitions: Number(values.partitions),
  perSecond: Number(values.rate),
  longestMs: Number(values.longest),
  progress: (text) => {
    console.log(text);
  },
});
tellVerdict(result);
