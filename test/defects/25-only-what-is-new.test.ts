import assert from 'node:assert/strict';
import { CoreMesh } from '../support/core-mesh.js';

const HUB = '10.0.0.1';
const SOUTHS = 5;
const SERVICES = 20;

describe('DEFECTS 25: one more consumer in a mesh that knows many', () => {
  it('is a word to each neighbour, not all services again', async () => {
    const mesh = new CoreMesh();
    const hub = await mesh.store(HUB);
    for (let n = 0; n < SOUTHS; n += 1) {
      const south = await mesh.store(`10.0.1.${n}`, [HUB]);
      for (let service = n; service < SERVICES; service += SOUTHS) {
        south.consumer({ id: `c${service}`, service: `svc${service}` });
      }
    }
    await mesh.clock.advance(5_000);
    const before = mesh.network.calls;
    hub.consumer({ id: 'new', service: 'new' });
    await mesh.clock.advance(2_000);
    assert.equal(mesh.network.calls - before, SOUTHS);
    await mesh.close();
  });
});
