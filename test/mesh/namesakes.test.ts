import assert from 'node:assert/strict';
import { RECALL_EVERY_MS } from '../../src/mesh/recall.js';
import { CoreMesh, type CoreStore } from '../support/core-mesh.js';

const HUB = '10.0.0.1';
const FIRST = '10.0.0.2';
const SECOND = '10.0.0.3';
const NAME = 'mesh0:same';
/** The time in which a route ends of which nothing new is heard, and more, ms. */
const LIFETIMES_MS = 300_000;
/** The hub trusts so long in what it has found, and more, ms. */
const LOOKS_AGAIN_AFTER_MS = 15_000;
/** To find out that somebody has died, and to hear from who has his name now, ms. */
const HEIR_WITHIN_MS = 2 * RECALL_EVERY_MS;

describe('two stores of one name, south of a third', () => {
  let mesh: CoreMesh;
  let hub: CoreStore;
  let first: CoreStore;
  let second: CoreStore;

  beforeEach(async () => {
    mesh = new CoreMesh();
    hub = await mesh.store(HUB);
    first = await mesh.store(FIRST, [HUB], { name: NAME });
    first.consumer({ service: 'first', id: 'one' });
    await mesh.clock.advance(1_000);
    second = await mesh.store(SECOND, [HUB], { name: NAME });
    second.consumer({ service: 'second', id: 'two' });
    await mesh.clock.advance(1_000);
  });
  afterEach(() => mesh.close());

  it('the first to come keeps its name and its services, however long', async () => {
    assert.deepEqual(hub.store.services(), ['first']);
    await mesh.clock.advance(LIFETIMES_MS);
    assert.deepEqual(hub.store.services(), ['first']);
  });

  it('the end of the second leaves the first alone', async () => {
    const closed = second.store.close();
    await mesh.clock.advance(HEIR_WITHIN_MS);
    await closed;
    assert.deepEqual(hub.store.services(), ['first']);
  });

  it('the second has the name as soon as the first is known to be dead', async () => {
    mesh.kill(first, FIRST);
    hub.consumer({ service: 'news' });
    await mesh.clock.advance(HEIR_WITHIN_MS);
    assert.deepEqual([...hub.store.services()].sort(), ['news', 'second']);
  });

  it('the second finds out by its claim that the first is dead', async () => {
    // The hub has just looked, and does not look again at every word.
    await mesh.clock.advance(LOOKS_AGAIN_AFTER_MS);
    mesh.kill(first, FIRST);
    second.consumer({ service: 'later', id: 'three' });
    await mesh.clock.advance(HEIR_WITHIN_MS);
    assert.deepEqual([...hub.store.services()].sort(), ['later', 'second']);
  });
});
