import assert from 'node:assert/strict';
import { pause } from '../support/outlet.js';
import { Mesh } from './topology-mesh.js';
import { serviceAt, type Picture } from './topology-pictures.js';

const TEST_WITHIN_MS = 200_000;
const NAMES = ['S1', 'S2', 'S3'];
const SERVICES = [serviceAt('S1')];

/** Each has the next as north peer, and passes on everything. */
const RING: Picture = {
  title: 'three stores in a ring',
  redistribute: true,
  stores: NAMES.map((name, place) => ({
    name,
    norths: [NAMES[(place + 1) % NAMES.length] ?? ''],
    offers: name === 'S1' ? SERVICES : [],
  })),
  sees: Object.fromEntries(NAMES.map((name) => [name, SERVICES])),
};

/** 3.0.5 sent 2,000 requests in so long for one consumer, ms. */
const WATCHED_MS = 8_000;
/** One renewal may fall into it: announcements, and one consumer told over three links from both sides. */
const REQUESTS_AT_MOST = 15;
/** Announcements with the proofs of who they are by, and the consumer: everything until all three know of it. */
const REQUESTS_TO_SETTLE_AT_MOST = 60;

describe('DEFECTS 23 over HTTPS: three stores in a ring, in processes', function () {
  this.timeout(TEST_WITHIN_MS);
  let mesh: Mesh;

  before(async () => {
    mesh = await Mesh.of(RING);
    await mesh.openAll();
  });
  after(() => mesh.dispose());

  async function requests(): Promise<number> {
    const counts = await Promise.all(NAMES.map((name) => mesh.at(name).requests()));
    return counts.reduce((sum, { requests: count }) => sum + count, 0);
  }

  it('say what there is to say, and are quiet then', async () => {
    const toSettle = await requests();
    await pause(WATCHED_MS);
    const atRest = (await requests()) - toSettle;
    console.log(`        ${toSettle} requests until all was known, ${atRest} in the 8 s after it`);
    assert.ok(toSettle > 0 && toSettle <= REQUESTS_TO_SETTLE_AT_MOST, `${toSettle} until all was known`);
    assert.ok(atRest <= REQUESTS_AT_MOST, `${atRest} in 8 s`);
    mesh.assertRight();
  });
});
