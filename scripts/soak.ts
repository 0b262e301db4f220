/**
 * `npm run soak -- --messages N --rate R --looks L --seed S`: N messages through two Node-RED processes with deploys in between, and how
 * their heaps grow by them. Ends with 1 where one grows by more than it may, or where a promise was broken.
 */
import { parseArgs } from 'node:util';
import { MOST_MB, soak } from '../test/storm/soak.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now()) },
    messages: { type: 'string', default: '1000000' },
    rate: { type: 'string', default: '1000' },
    looks: { type: 'string', default: '20' },
  },
});

console.log(`seed ${values.seed}: ${values.messages} messages at ${values.rate}/s`);
const { wrong, ...figures } = await soak({
  seed: values.seed,
  messages: Number(values.messages),
  perSecond: Number(values.rate),
  looks: Number(values.looks),
  progress: (text) => {
    console.log(text);
  },
});
console.log(JSON.stringify(figures, undefined, 2));
const steep = Object.entries(figures.slopes).filter(([, slope]) => !(slope < MOST_MB));
for (const [name, slope] of steep)
  console.error(`${name} grows by ${slope.toFixed(2)} MB for 100,000 messages`);
for (const line of wrong) console.error(line);
console.log(wrong.length + steep.length === 0 ? 'nothing lost, nothing kept' : 'promises broken');
process.exitCode = wrong.length + steep.length === 0 ? 0 : 1;
