import assert from 'node:assert/strict';
import { runMesh, type MeshReport } from './mesh-run.js';
import { complaintsOf } from './mesh-verdict.js';
import { TOPOLOGY_NAMES } from './topology.js';

/** A small share of `npm run simulate:mesh`. */
const STORES = 30;
const SERVICES = 4;

describe('simulation: a mesh of many stores', () => {
  for (const topology of TOPOLOGY_NAMES) {
    it(`converges at once, without black hole or wrong route, and is quiet then: ${topology}`, async () => {
      const plan = { topology, stores: STORES, services: SERVICES, seed: '1' };
      const report: MeshReport = await runMesh(plan, () => 0);
      assert.equal(report.changes.length, 5);
      assert.deepEqual(complaintsOf(report), []);
    }).timeout(60_000);
  }
});
