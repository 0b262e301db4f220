import assert from 'node:assert/strict';
import { CoreMesh } from '../support/core-mesh.js';

const [NORTH, HUB, OLD, NEW] = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'];
/** Over several renewals. */
const LONG_MS = 120_000;

describe('DEFECTS 26: a south that joins a store whose north is not redistributed', () => {
  for (const modern of [true, false]) {
    it(`never hears of the north’s services${modern ? '' : ', from a north that speaks like 3.0.5 neither'}`, async () => {
      const mesh = new CoreMesh();
      const north = await mesh.store(NORTH, [], {}, { modern });
      north.consumer();
      const hub = await mesh.store(HUB, [NORTH]);
      const old = await mesh.store(OLD, [HUB]);
      await mesh.clock.advance(2_000);
      assert.equal(hub.store.knows('svc'), true);
      const joined = await mesh.store(NEW, [HUB], {}, { modern });
      for (let passed = 0; passed < LONG_MS; passed += 500) {
        await mesh.clock.advance(500);
        assert.equal(joined.store.knows('svc'), false, `after ${passed} ms`);
        assert.equal(old.store.knows('svc'), false, `the other south, after ${passed} ms`);
      }
      await mesh.close();
    });
  }
});
