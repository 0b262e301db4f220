import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { NODE_RED_4, NODE_RED_5, startNodeRed, type NodeRedProcess } from '../support/node-red-process.js';
import { bytesOnDisk, installAsPalette, installedPackages, pack } from './installation.js';
import { addNeighbour } from './neighbour.js';

/** What a user accepts for one more palette entry (issue 2, item 1). */
const MOST_PACKAGES = 150;
const MOST_BYTES = 40 * 1024 * 1024;

/** Packing builds, installing downloads: minutes on a slow line. */
const INSTALL_WITHIN_MS = 300_000;

const TYPES = ['redlink store', 'redlink producer', 'redlink consumer'];

/** Packages beside ours: one that Node-RED loads before it, one after. */
const IMPORTING_NEIGHBOUR = 'node-red-contrib-a-neighbour';
const REQUIRING_NEIGHBOUR = 'node-red-contrib-z-neighbour';

/** What Node-RED's admin API says of a set of nodes, which is one entry of a package. */
const nodeSets = z.array(
  z.object({
    module: z.string(),
    types: z.array(z.string()),
    enabled: z.boolean(),
    err: z.string().optional(),
  }),
);

describe('the packed package', () => {
  let tarball: string;
  let userDir: string;

  before(async function () {
    this.timeout(INSTALL_WITHIN_MS);
    tarball = await pack();
    userDir = await installAsPalette(tarball);
  });

  after(() => {
    rmSync(dirname(tarball), { recursive: true, force: true });
    rmSync(userDir, { recursive: true, force: true });
  });

  it('installs with few packages and little disk', () => {
    const packages = installedPackages(userDir).length;
    const bytes = bytesOnDisk(join(userDir, 'node_modules'));
    assert.ok(packages <= MOST_PACKAGES, `${String(packages)} packages`);
    assert.ok(bytes <= MOST_BYTES, `${String(bytes)} bytes`);
  });

  it('brings no React Native', () => {
    const found = installedPackages(userDir).filter(({ path }) => path.includes('react-native'));
    assert.deepEqual(found, []);
  });

  it('needs no install script to have run', () => {
    const needed = installedPackages(userDir).filter(
      ({ hasInstallScript, optional }) => hasInstallScript && !optional,
    );
    assert.deepEqual(needed, []);
  });

  for (const edition of [NODE_RED_4, NODE_RED_5]) {
    describe(`in ${edition.name}`, () => {
      let nodeRed: NodeRedProcess;

      before(async function () {
        this.timeout(INSTALL_WITHIN_MS);
        // The import is under way while Node-RED loads ours: a `require` of the same module would fail then.
        addNeighbour(userDir, IMPORTING_NEIGHBOUR, 'import');
        addNeighbour(userDir, REQUIRING_NEIGHBOUR, 'require');
        nodeRed = await startNodeRed(edition, userDir);
      });

      after(() => nodeRed.stop());

      it('loads its three nodes beside others that import the same ES modules', async () => {
        const answer = await fetch(`${nodeRed.url}/nodes`, { headers: { accept: 'application/json' } });
        const sets = nodeSets.parse(await answer.json()).filter(({ module }) => module !== 'node-red');
        assert.deepEqual(
          sets.filter(({ err, enabled }) => err !== undefined || !enabled),
          [],
          nodeRed.output(),
        );
        assert.deepEqual(
          sets.flatMap(({ types }) => types).sort(),
          [...TYPES, IMPORTING_NEIGHBOUR, REQUIRING_NEIGHBOUR].sort(),
        );
        assert.doesNotMatch(nodeRed.output(), /ERR_REQUIRE_ESM/);
      });
    });
  }
});
