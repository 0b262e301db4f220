/** How often a message has something done in each of the usual situations: what `test/counts` keeps at or under a table. */
import { countPerMessage } from '../test/counts/counted-mesh.js';
import { SITUATIONS } from '../test/counts/situations.js';
import { COUNTED } from '../test/counts/tally.js';
import { printTable } from './report.js';

const rows: string[][] = [['per message', ...COUNTED]];
for (const situation of SITUATIONS) {
  const tally = await countPerMessage(situation);
  rows.push([situation.name, ...COUNTED.map((what) => tally[what].toFixed(2))]);
}
printTable(rows);
