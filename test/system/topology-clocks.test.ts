import assert from 'node:assert/strict';
import { until } from '../support/outlet.js';
import { momentNow } from '../support/store-host-talk.js';
import { echoes } from './topology-echo.js';
import { assertWithin, Mesh, PATIENCE_MS } from './topology-mesh.js';
import { serviceAt, type Picture } from './topology-pictures.js';

const TEST_WITHIN_MS = 200_000;
const DAY_MS = 24 * 60 * 60 * 1_000;
const GONE_WITHIN_MS = 2_000;
const BATCH = { count: 10, inFlight: 2, reversePath: true };

const NAMES = ['right', 'slow', 'fast'];
const SERVICES = NAMES.map(serviceAt).sort();

/** slow → right ← fast: a day behind, right, and a day ahead. */
const WRONG_CLOCKS: Picture = {
  title: 'clocks a day off',
  redistribute: true,
  stores: [
    { name: 'right', norths: [], offers: [serviceAt('right')] },
    { name: 'slow', norths: ['right'], offers: [serviceAt('slow')], wallOffsetMs: -DAY_MS },
    { name: 'fast', norths: ['right'], offers: [serviceAt('fast')], wallOffsetMs: DAY_MS },
  ],
  sees: Object.fromEntries(NAMES.map((name) => [name, SERVICES])),
};

describe('DEFECTS 24 over HTTPS: processes whose clocks are a day off', function () {
  this.timeout(TEST_WITHIN_MS);
  let mesh: Mesh;

  before(async () => {
    mesh = await Mesh.of(WRONG_CLOCKS);
    await mesh.openAll();
  });
  after(() => mesh.dispose());

  it('are indeed a day off', () => {
    for (const { name, wallOffsetMs = 0 } of WRONG_CLOCKS.stores) {
      const { at = NaN, wallMs = NaN } = mesh.at(name).of('opened')[0] ?? {};
      const off = wallMs - at;
      assert.ok(Math.abs(off - wallOffsetMs) < DAY_MS / 2, `${name} is ${off} ms off`);
    }
  });

  for (const from of NAMES) {
    it(`${from}: reaches every service`, async () => {
      for (const to of NAMES.filter((name) => name !== from)) {
        await echoes(mesh.at(from), { ...BATCH, service: serviceAt(to) });
      }
      assert.deepEqual(mesh.failures(), []);
    });
  }

  it('are forgotten when they are killed', async () => {
    const killedAt = momentNow();
    await mesh.at('fast').kill();
    const left = ['right', 'slow'];
    await until(
      () => left.every((name) => !mesh.at(name).services.includes(serviceAt('fast'))),
      'the service of the killed store is still seen',
      PATIENCE_MS,
    );
    assertWithin(momentNow() - killedAt, GONE_WITHIN_MS, 'fast killed: its service is gone');
  });
});
