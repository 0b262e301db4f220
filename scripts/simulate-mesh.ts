import { parseArgs } from 'node:util';
import { runMesh, type Change } from '../test/simulation/mesh/mesh-run.js';
import { TOPOLOGY_NAMES } from '../test/simulation/mesh/topology.js';

/**
 * `npm run simulate:mesh -- --stores N --services N --seed S --topology NAME`: runs the real core in large
 * meshes and prints what each change cost. Ends with 1 where a route was wrong.
 */
const DEFAULT_STORES = '1000';
const DEFAULT_SERVICES = '20';
const DEFAULT_SEED = '1';
const BYTES_PER_KB = 1_024;
/** Columns of the table of changes. */
const WIDTHS = [22, 14, 10, 12, 12, 12];

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

function show({ name, convergedMs, messages, loops, faults }: Change): string {
  return row(
    name,
    Math.round(convergedMs),
    messages,
    faults.blackHoles.length,
    faults.wrongRoutes.length,
    loops,
  );
}

for (const topology of chosen) {
  const report = await runMesh({ topology, stores, services, seed: values.seed }, () => performance.now());
  console.log(
    `\n${topology}, seed ${values.seed}: ${stores} stores, ${report.links} links, ${services} services`,
  );
  console.log(row('change', 'converged, ms', 'messages', 'black holes', 'wrong', 'circles'));
  for (const change of report.changes) {
    console.log(show(change));
    const faults = [...change.faults.blackHoles, ...change.faults.wrongRoutes, ...change.faults.loops];
    for (const fault of faults.slice(0, 3)) console.log(`    ${fault}`);
    if (faults.length > 0) process.exitCode = 1;
  }
  console.log(
    `messages at rest in 5 s: ${report.atRest}; in one renewal: ${report.renewal}; routes per store: ` +
      `${report.routesPerStore.toFixed(1)}; memory per store: ${Math.round(report.bytesPerStore / BYTES_PER_KB)} kB; ` +
      `took ${report.wallS.toFixed(0)} s`,
  );
}
