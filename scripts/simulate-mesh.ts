import { parseArgs } from 'node:util';
import { runMesh, type Change } from '../test/simulation/mesh/mesh-run.js';
import { complaintsAbout, complaintsOf } from '../test/simulation/mesh/mesh-verdict.js';
import { TOPOLOGY_NAMES } from '../test/simulation/mesh/topology.js';

/**
 * `npm run simulate:mesh -- --stores N --services N --seed S --topology NAME`: runs the real core in large
 * meshes and prints what each change cost, as soon as it is over. Ends with 1 where anything was not as it must be
 * (test/simulation/mesh/mesh-verdict.ts).
 */
const DEFAULT_STORES = '1000';
const DEFAULT_SERVICES = '20';
const DEFAULT_SEED = '1';
const BYTES_PER_KB = 1_024;
/** Columns of the table of changes. */
const WIDTHS = [22, 15, 15, 11, 13, 8, 8, 9];
/** Complaints about one change that are printed. */
const MOST_PRINTED = 5;

const { values } = parseArgs({
  options: {
    stores: { type: 'string', default: DEFAULT_STORES },
    services: { type: 'string', default: DEFAULT_SERVICES },
    seed: { type: 'string', default: DEFAULT_SEED },
    /** One topology; without it, all of them. */
    topology: { type: 'string' },
  },
});
const chosen = TOPOLOGY_NAMES.filter((name) => values.topology === undefined || values.topology === name);
const [stores, services] = [Number(values.stores), Number(values.services)];
if (chosen.length === 0 || !(stores > 1) || !(services > 0)) {
  console.error(
    `usage: npm run simulate:mesh -- --stores N --services N --seed S --topology ${TOPOLOGY_NAMES.join('|')}`,
  );
  process.exit(2);
}

function row(...cells: readonly (string | number)[]): string {
  return cells.map((cell, place) => String(cell).padStart(WIDTHS[place] ?? 0)).join('');
}

function show({ name, convergedMs, lastWordMs, messages, circles, loops, faults }: Change): string {
  return row(
    name,
    Math.round(convergedMs),
    Math.round(lastWordMs),
    messages,
    faults.blackHoles.length,
    faults.wrongRoutes.length,
    loops.length + faults.loops.length,
    circles,
  );
}

function progress(change: Change): void {
  console.log(show(change));
  for (const complaint of complaintsAbout(change).slice(0, MOST_PRINTED)) console.log(`    ${complaint}`);
}

for (const topology of chosen) {
  console.log(`\n${topology}, seed ${values.seed}: ${stores} stores, ${services} services`);
  console.log(
    row('change', 'converged, ms', 'last word, ms', 'messages', 'black holes', 'wrong', 'loops', 'circles'),
  );
  const report = await runMesh(
    { topology, stores, services, seed: values.seed },
    () => performance.now(),
    progress,
  );
  console.log(
    `${report.links} links; messages at rest in 5 s: ${report.atRest}; in one renewal: ${report.renewal}; routes per ` +
      `store: ${report.routesPerStore.toFixed(1)}; memory per store: ${Math.round(report.bytesPerStore / BYTES_PER_KB)} kB; ` +
      `took ${report.wallS.toFixed(0)} s`,
  );
  const complaints = complaintsOf(report);
  if (complaints.length === 0) continue;
  console.log(`NOT as it must be, ${complaints.length} times; last: ${complaints.at(-1) ?? ''}`);
  process.exitCode = 1;
}
