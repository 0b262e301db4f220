/**
 * `npm run bench`: Redlink and what one would use in its place, in the same run, in turns.
 *
 *   --quick             fewer and shorter rounds
 *   --cases a,b         only systems, and other cases, whose names begin so (all: see the table)
 *   --rounds N          measurements of each system; the median counts
 *   --json FILE         where the figures go (default: bench-result.json)
 *   --compare FILE      figures of an earlier run to compare with
 *   --profile           writes a CPU profile of each Node-RED to bench-profiles/
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CASES } from './cases.js';
import { measure } from './measure.js';
import { compare, figuresOf, printFigures, readFigures } from './report.js';
import { hasMosquitto, startSystems, SYSTEM_NAMES, type SystemName } from './systems.js';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    cases: { type: 'string' },
    rounds: { type: 'string' },
    json: { type: 'string', default: 'bench-result.json' },
    compare: { type: 'string' },
    profile: { type: 'boolean', default: false },
  },
});

const ROUNDS = values.quick ? 3 : 7;
const ROUND_MS = values.quick ? 2_000 : 4_000;
const PROFILES = resolve('bench-profiles');

function isWanted(name: string): boolean {
  const wanted = values.cases?.split(',').map((begin) => begin.trim());
  return wanted?.some((begin) => name.startsWith(begin)) ?? true;
}

async function compareSystems(names: readonly SystemName[]): Promise<void> {
  const systems = await startSystems(names, values.profile ? PROFILES : undefined);
  try {
    const measured = await measure(systems.all, { rounds: Number(values.rounds ?? ROUNDS), ms: ROUND_MS });
    const figures = figuresOf(measured);
    printFigures(figures);
    writeFileSync(values.json, JSON.stringify(figures, undefined, 2));
    console.log(`\nwritten to ${values.json}`);
    if (values.compare !== undefined) compare(readFigures(readFileSync(values.compare, 'utf8')), figures);
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
if (names.length > 0) await compareSystems(names);
for (const [, run] of cases) await run();
