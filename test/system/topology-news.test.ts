import assert from 'node:assert/strict';
import { pause } from '../support/outlet.js';
import { Mesh } from './topology-mesh.js';
import type { Picture } from './topology-pictures.js';

const TEST_WITHIN_MS = 200_000;
const HUB = 'H';
const SOUTHS = ['S1', 'S2', 'S3'];
const NEW_SERVICE = 'new';
/** So long that all of them again would be seen in the bytes. */
const LONG = 'x'.repeat(100);
const OFFERED = Array.from({ length: 20 }, (_, at) => `${String(at).padStart(2, '0')}-${LONG}`).sort();

/** One that many others know, and that knows many services. */
const MANY_SERVICES: Picture = {
  title: 'many services',
  redistribute: false,
  stores: [
    { name: HUB, norths: [], offers: [] },
    ...SOUTHS.map((name, place) => ({
      name,
      norths: [HUB],
      offers: OFFERED.filter((_, at) => at % SOUTHS.length === place),
    })),
  ],
  sees: Object.fromEntries([HUB, ...SOUTHS].map((name) => [name, [...OFFERED, NEW_SERVICE]])),
};

/** Time in which everything would have been said again, ms. */
const WATCHED_MS = 2_000;
/** A word about one consumer; with one renewal of a link that falls into the time, and with what is said about who says it. */
const BYTES_PER_SOUTH_AT_MOST = 2_500;

describe('DEFECTS 25 over HTTPS: one more consumer where many are known', function () {
  this.timeout(TEST_WITHIN_MS);
  let mesh: Mesh;

  before(async () => {
    mesh = await Mesh.of(MANY_SERVICES);
    await Promise.all([HUB, ...SOUTHS].map((name) => mesh.open(name)));
  });
  after(() => mesh.dispose());

  async function received(): Promise<number> {
    const counts = await Promise.all(SOUTHS.map((name) => mesh.at(name).requests()));
    return counts.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  it('is told by itself, not with all the others again', async () => {
    await pause(WATCHED_MS);
    const before = await received();
    mesh.at(HUB).offer(NEW_SERVICE);
    await mesh.settled();
    await pause(WATCHED_MS);
    const bytes = (await received()) - before;
    console.log(`        ${bytes} bytes to ${SOUTHS.length} stores`);
    assert.ok(bytes > 0 && bytes < SOUTHS.length * BYTES_PER_SOUTH_AT_MOST, `${bytes} bytes`);
  });
});
