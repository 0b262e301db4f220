import assert from 'node:assert/strict';
import { echoes } from './topology-echo.js';
import { assertWithin, Mesh } from './topology-mesh.js';
import { SEED, share, someOrders, TRY_ALL } from './topology-order.js';
import { PICTURES, routesToTry } from './topology-pictures.js';

const TEST_WITHIN_MS = TRY_ALL ? 900_000 : 400_000;

/** Orders of starting that are tried of each picture. */
const ORDERS = 2;

/** From the moment when the last store is open until every store sees what it must, ms. */
const VISIBLE_WITHIN_MS = 1_000;

/** Messages at once: one after the other, and enough to keep every store on the way busy. */
const IN_FLIGHT = [1, 16];
/** Messages of each kind. */
const COUNT = TRY_ALL ? 200 : 20;
/** Pairs of a store and a service that messages are sent between. */
const PAIRS = 3;

for (const picture of PICTURES) {
  describe(`${picture.title}, seed ${SEED}`, function () {
    this.timeout(TEST_WITHIN_MS);
    let mesh: Mesh;

    before(async () => {
      mesh = await Mesh.of(picture);
    });
    after(() => mesh.dispose());

    it('shows every service where it belongs as soon as the last store is there, in whatever order they start', async () => {
      const names = picture.stores.map(({ name }) => name);
      const took: number[] = [];
      for (const order of someOrders(names, ORDERS)) {
        let openedAt = 0;
        for (const name of order) openedAt = await mesh.open(name);
        const ms = Math.max(0, (await mesh.settledAt()) - openedAt);
        took.push(Math.round(ms));
        assertWithin(ms, VISIBLE_WITHIN_MS, `started as ${order.join()}: all is seen`);
        await mesh.closeAll();
      }
      console.log(`        all is seen after ${took.join(', ')} ms`);
    });

    for (const reversePath of [true, false]) {
      it(`answers every message, ${reversePath ? 'back by the way it came' : 'straight back'}`, async () => {
        if (!mesh.at('S1').isOpen) await mesh.openAll();
        for (const inFlight of IN_FLIGHT) {
          for (const { from, service } of share(routesToTry(picture), PAIRS)) {
            await echoes(mesh.at(from), { service, count: COUNT, inFlight, reversePath });
          }
        }
        assert.deepEqual(mesh.failures(), []);
      });
    }

    it('shows no service where it does not belong, after all that', () => {
      mesh.assertRight();
    });
  });
}
