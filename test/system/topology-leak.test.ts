import assert from 'node:assert/strict';
import { pause } from '../support/outlet.js';
import { Mesh } from './topology-mesh.js';
import { serviceAt, type Picture } from './topology-pictures.js';

const TEST_WITHIN_MS = 200_000;
const NORTH = 'N';
const MIDDLE = 'M';
const SOUTHS = ['S1', 'S2'];
const KEPT_BACK = serviceAt(NORTH);
const PASSED_ON = serviceAt(MIDDLE);

/** What the one in the middle has from its north it keeps for itself: `redistribute` is off. */
const KEPT: Picture = {
  title: 'redistribute off',
  redistribute: false,
  stores: [
    { name: NORTH, norths: [], offers: [KEPT_BACK] },
    { name: MIDDLE, norths: [NORTH], offers: [PASSED_ON] },
    ...SOUTHS.map((name) => ({ name, norths: [MIDDLE], offers: [] })),
  ],
  sees: {
    [NORTH]: [KEPT_BACK, PASSED_ON],
    [MIDDLE]: [KEPT_BACK, PASSED_ON],
    ...Object.fromEntries(SOUTHS.map((name) => [name, [PASSED_ON]])),
  },
};

/** 3.0.5 told it in the moment in which a south joined, ms. */
const WATCHED_MS = 2_000;

describe('DEFECTS 26 over HTTPS: souths that join a store whose north is not passed on', function () {
  this.timeout(TEST_WITHIN_MS);
  let mesh: Mesh;

  before(async () => {
    mesh = await Mesh.of(KEPT);
    await mesh.open(NORTH);
    await mesh.open(MIDDLE);
    await mesh.settled();
  });
  after(() => mesh.dispose());

  it('never see its services, not for a moment', async () => {
    for (const name of SOUTHS) await mesh.open(name);
    await mesh.settled();
    await pause(WATCHED_MS);
    mesh.assertRight();
    for (const name of SOUTHS) {
      const seen = mesh
        .at(name)
        .of('services')
        .flatMap(({ services }) => services);
      assert.deepEqual([...new Set(seen)], [PASSED_ON]);
    }
  });
});
