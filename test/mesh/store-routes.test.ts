import assert from 'node:assert/strict';
import { CoreMesh, type CoreStore } from '../support/core-mesh.js';

const [NEAR, MIDDLE, FAR] = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];

/** A link that swallows everything is found to be lost within this: the time limit of a call, and a look. */
const LOST_WITHIN_MS = 60_000;

describe('ways to stores', () => {
  let mesh: CoreMesh;
  let near: CoreStore;

  beforeEach(async () => {
    mesh = new CoreMesh();
    const far = await mesh.store(FAR);
    const northPeers = [{ address: mesh.address(FAR), redistribute: true }];
    await mesh.store(MIDDLE, [], { northPeers });
    near = await mesh.store(NEAR, [MIDDLE]);
    // Only where there is a producer is there anything to bring back.
    far.producer();
    await mesh.clock.advance(2_000);
  });
  afterEach(() => mesh.close());

  function known(): readonly string[] {
    return near.store.engine.storeRoutes.rows().map(({ storeName }) => storeName);
  }

  it('are forgotten as soon as the store before says that it has lost its own', async () => {
    assert.deepEqual(known(), [`mesh0:${FAR}`]);
    mesh.network.separate(mesh.address(MIDDLE), mesh.address(FAR));
    await mesh.clock.advance(LOST_WITHIN_MS);
    assert.deepEqual(known(), []);
    mesh.network.heal();
    await mesh.clock.advance(LOST_WITHIN_MS);
    assert.deepEqual(known(), [`mesh0:${FAR}`]);
  });
});
