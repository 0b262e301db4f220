/**
 * `npm run bench`: Redlink and what one would use in its place, in the same run, in turns.
 *
 *   --quick             fewer and shorter rounds
 *   --only a,b          only systems, and other cases, whose names begin so (all: see the table)
 *   --rounds N          measurements of each system; the median counts
 *   --json FILE         where the figures go (default: bench-result.json)
 *   --compare FILE      figures of an earlier run to compare with
 *   --profile           writes a CPU profile of each Node-RED to bench-profiles/
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CASES } from './cases/index.js';
import { measure } from './measure.js';
import { compare, figuresOf, printFigures, printRows, readRun, type Figures, type Run } from './report.js';
import { hasMosquitto, startSystems, SYSTEM_NAMES, type SystemName } from './systems.js';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    rounds: { type: 'string' },
    json: { type: 'string', default: 'bench-result.json' },
    compare: { type: 'string' },
    profile: { type: 'boolean', default: false },
  },
});

const ROUNDS = values.quick ? 3 : 7;
const ROUND_MS = values.quick ? 2_000 : 4_000;
const profiles = values.profile ? resolve('bench-profiles') : undefined;

function isWanted(name: string): boolean {
  const wanted = values.only?.split(',').map((begin) => begin.trim());
  return wanted?.some((begin) => name.startsWith(begin)) ?? true;
}

async function measureSystems(names: readonly SystemName[]): Promise<Figures> {
  const systems = await startSystems(names, profiles);
  try {
    const measured = await measure(systems.all, { rounds: Number(values.rounds ?? ROUNDS), ms: ROUND_MS });
    const figures = figuresOf(measured);
    printFigures(figures);
    return figures;
  } finally {
    await systems.end();
  }
}

const cases = Object.entries(CASES).filter(([name]) => isWanted(name));
const names = SYSTEM_NAMES.filter((name) => isWanted(name) && (!name.startsWith('mqtt') || hasMosquitto()));
if (names.length + cases.length === 0) {
  throw new Error(`no such case; there are: ${[...SYSTEM_NAMES, ...Object.keys(CASES)].join('; ')}`);
}
if (!hasMosquitto()) console.log('mosquitto is not installed (apt-get install mosquitto): MQTT is left out');
const run: Run = { systems: names.length > 0 ? await measureSystems(names) : [], cases: {} };
for (const [name, measureCase] of cases) {
  const rows = [...(await measureCase({ quick: values.quick, profiles }))];
  run.cases[name] = rows;
  printRows(name, rows);
}
writeFileSync(values.json, JSON.stringify(run, undefined, 2));
console.log(`\nwritten to ${values.json}`);
if (values.compare !== undefined) compare(readRun(readFileSync(values.compare, 'utf8')), run);
