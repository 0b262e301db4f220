import assert from 'node:assert/strict';
import { CoreMesh, type CoreStore } from '../support/core-mesh.js';

const NORTH = '10.0.0.2';
const SOUTH = '10.0.0.1';
/** Far less than the 30 s between two announcements. */
const SOON_MS = 1_000;

describe('a store whose process dies while nobody calls it', () => {
  let mesh: CoreMesh;
  let north: CoreStore;
  let south: CoreStore;

  beforeEach(async () => {
    mesh = new CoreMesh();
    north = await mesh.store(NORTH);
    south = await mesh.store(SOUTH, [NORTH]);
    north.consumer({ service: 'in the north' });
    south.consumer({ service: 'in the south' });
    await mesh.clock.advance(SOON_MS);
  });
  afterEach(() => mesh.close());

  it('is missed by its south as soon as their connections end', async () => {
    mesh.kill(north, NORTH);
    await mesh.clock.advance(SOON_MS);
    assert.deepEqual(south.store.services(), ['in the south']);
    assert.equal(south.store.lostNorths().length, 1);
  });

  it('is missed by its north as soon as their connections end', async () => {
    mesh.kill(south, SOUTH);
    await mesh.clock.advance(SOON_MS);
    assert.deepEqual(north.store.services(), ['in the north']);
  });

  it('is told everything again when it is back at once', async () => {
    mesh.kill(north, NORTH);
    const again = await mesh.store(NORTH);
    await mesh.clock.advance(SOON_MS);
    assert.deepEqual(again.store.services(), ['in the south']);
  });
});
