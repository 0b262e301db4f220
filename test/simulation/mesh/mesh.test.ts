import assert from 'node:assert/strict';
import { runMesh, type MeshReport } from './mesh-run.js';
import { TOPOLOGY_NAMES } from './topology.js';

/** A small share of `npm run simulate:mesh`. */
const STORES = 30;
const SERVICES = 4;
const CONVERGES_WITHIN_MS = 1_000;
/** Words about one change that a link may carry: there, back, and a better way that came later. */
const WORDS_PER_LINK = 4;

describe('simulation: a mesh of many stores', () => {
  for (const topology of TOPOLOGY_NAMES) {
    it(`converges at once, without black hole or wrong route, and is quiet then: ${topology}`, async () => {
      const plan = { topology, stores: STORES, services: SERVICES, seed: '1' };
      const report: MeshReport = await runMesh(plan, () => 0);
      for (const { name, faults, convergedMs } of report.changes) {
        assert.deepEqual(faults, { blackHoles: [], wrongRoutes: [], loops: [] }, name);
        assert.ok(convergedMs < CONVERGES_WITHIN_MS, `${name} took ${convergedMs} ms`);
      }
      assert.equal(report.atRest, 0);
      for (const { name, messages } of report.changes.slice(1, 3)) {
        assert.ok(messages <= WORDS_PER_LINK * report.links, `${name}: ${messages} messages`);
      }
    }).timeout(60_000);
  }
});
