import assert from 'node:assert/strict';
import { pause, until } from '../support/outlet.js';
import { momentNow } from '../support/store-host-talk.js';
import { Mesh, PATIENCE_MS } from './topology-mesh.js';
import type { DrawnStore, Picture } from './topology-pictures.js';

const TEST_WITHIN_MS = 300_000;
const WORKERS = ['W1', 'W2', 'W3'];
const PRODUCERS = Array.from({ length: 10 }, (_, place) => `P${place + 1}`);
/** All workers take as long for it. */
const EQUAL = 'equal';
/** The third worker takes three times as long for it as the others. */
const UNEQUAL = 'unequal';
const SERVICES = [EQUAL, UNEQUAL];
const THINK_MS = 60;
const SLOW_THINK_MS = 3 * THINK_MS;
const SLOW = 'W3';

/** Between two messages, of all producers together, ms. */
const SEND_EVERY_MS = 50;
/** The first messages show how long each worker takes: as many as go in the 5 s for which that counts. */
const WARM_UP = 100;
/**
 * Share of all messages, percent. Twice the 5 % that hold on an idle machine (test/defects/14-load-is-balanced.test.ts):
 * reply times of processes that share two processors vary. Without balancing the first worker gets nearly all.
 */
const TOLERANCE = 10;
/** One that has died is out, and one that is back is in, within a second. */
const SETTLES_WITHIN_MS = 1_000;

const workers: readonly DrawnStore[] = WORKERS.map((name) => ({
  name,
  norths: [],
  offers: SERVICES,
  thinkMs: { [EQUAL]: THINK_MS, [UNEQUAL]: name === SLOW ? SLOW_THINK_MS : THINK_MS },
  inTransitLimit: 10,
}));
const producers: readonly DrawnStore[] = PRODUCERS.map((name) => ({ name, norths: WORKERS, offers: [] }));

/** Three consumers behind different stores, and ten stores with a producer each that know all three. */
const BALANCED: Picture = {
  title: 'three workers',
  redistribute: false,
  balance: true,
  stores: [...workers, ...producers],
  sees: Object.fromEntries([...WORKERS, ...PRODUCERS].map((name) => [name, SERVICES])),
};

describe('DEFECTS 14 over HTTPS: balancing between stores in processes', function () {
  this.timeout(TEST_WITHIN_MS);
  let mesh: Mesh;
  let numbers = 0;

  before(async () => {
    mesh = await Mesh.of(BALANCED);
    await mesh.openAll();
  });
  after(() => mesh.dispose());

  /** Sends so many messages, turn by turn from all producers. @returns the share of each worker, percent */
  async function sharesOf(service: string, count: number): Promise<readonly number[]> {
    const first = numbers;
    for (let sent = 0; sent < count; sent += 1) {
      mesh.at(PRODUCERS[sent % PRODUCERS.length] ?? '').send(service, [numbers], true);
      numbers += 1;
      await pause(SEND_EVERY_MS);
    }
    const replies = () =>
      PRODUCERS.flatMap((name) =>
        mesh
          .at(name)
          .of('replied')
          .filter(({ number }) => number >= first),
      );
    await until(
      () => replies().length >= count,
      () => `${replies().length} of ${count} replies came`,
      PATIENCE_MS,
    );
    const by = replies().map(({ consumerStore }) => consumerStore);
    const shares = WORKERS.map(
      (name) => (100 * by.filter((store) => store === `mesh0:${name}`).length) / count,
    );
    console.log(`        ${service}: ${shares.map((share) => `${share.toFixed(1)} %`).join(', ')}`);
    return shares;
  }

  function assertNear(shares: readonly number[], wanted: readonly number[]): void {
    for (const [place, share] of shares.entries()) {
      assert.ok(Math.abs(share - (wanted[place] ?? 0)) <= TOLERANCE, `${shares.join()} %`);
    }
  }

  it('gives three equal consumers a third each', async () => {
    await sharesOf(EQUAL, WARM_UP);
    assertNear(await sharesOf(EQUAL, 200), [33.3, 33.3, 33.3]);
  });

  it('gives one that takes three times as long a third of what the others get', async () => {
    await sharesOf(UNEQUAL, WARM_UP);
    assertNear(await sharesOf(UNEQUAL, 200), [42.9, 42.9, 14.3]);
  });

  it('gives one that was killed nothing after a second, loses nothing, and gives it its part a second after its return', async () => {
    await mesh.at('W1').kill();
    const killedAt = momentNow();
    await sharesOf(EQUAL, 1);
    await pause(SETTLES_WITHIN_MS - (momentNow() - killedAt));
    assertNear(await sharesOf(EQUAL, 200), [0, 50, 50]);
    await mesh.open('W1');
    await pause(SETTLES_WITHIN_MS);
    // It has paid nothing yet, so that it gets more than its part until what the others paid has aged.
    const [afterReturn = 0] = await sharesOf(EQUAL, WARM_UP);
    assert.ok(afterReturn > 0, 'the one that is back gets nothing');
    assertNear(await sharesOf(EQUAL, 200), [33.3, 33.3, 33.3]);
    assert.deepEqual(mesh.failures(), []);
  });
});
