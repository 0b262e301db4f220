import assert from 'node:assert/strict';
import { LOST_NORTH_RETRY_MS } from '../../src/mesh/links.js';
import { RECALL_EVERY_MS, RECALL_FOR_MS } from '../../src/mesh/recall.js';
import { CoreMesh, type CoreStore } from '../support/core-mesh.js';

const NORTH = '10.0.0.2';
const SOUTH = '10.0.0.1';
/** Long enough for the north to find the south dead, short enough for the south to say nothing of its own accord. */
const PARTITION_MS = 10_000;
/** A call that was under way when the network healed is not answered any more; the next one is. */
const WITHIN_MS = 2 * RECALL_EVERY_MS + LOST_NORTH_RETRY_MS;
/** A word is there before the north calls: the network takes a few milliseconds. */
const WORD_WITHIN_MS = 100;

describe('a north that has lost its south', () => {
  let mesh: CoreMesh;
  let north: CoreStore;
  let south: CoreStore;

  beforeEach(async () => {
    mesh = new CoreMesh();
    north = await mesh.store(NORTH);
    south = await mesh.store(SOUTH, [NORTH]);
    await mesh.clock.advance(1_000);
  });
  afterEach(() => mesh.close());

  /** The north calls the south, which is cut off, and gives it up; the south says nothing meanwhile. */
  async function loseTheSouth(): Promise<void> {
    mesh.network.separate(mesh.address(NORTH), mesh.address(SOUTH));
    north.consumer({ service: 'while away' });
    await mesh.clock.advance(PARTITION_MS);
  }

  function seenBy({ store }: CoreStore): readonly string[] {
    return [...store.services()].sort();
  }

  it('calls it back as soon as the network is whole, long before the next announcement', async () => {
    south.consumer({ service: 'from the south' });
    await mesh.clock.advance(500);
    await loseTheSouth();
    assert.deepEqual(seenBy(north), ['while away']);
    mesh.network.heal();
    await mesh.clock.advance(WITHIN_MS);
    assert.deepEqual(seenBy(north), ['from the south', 'while away']);
    assert.deepEqual(seenBy(south), ['from the south', 'while away']);
  });

  it('hears of all that the south offers, even where a word of one service comes before the announcement', async () => {
    south.consumer({ service: 'from the south' });
    await mesh.clock.advance(500);
    await loseTheSouth();
    mesh.network.heal();
    south.consumer({ service: 'new', id: 'another' });
    await mesh.clock.advance(WORD_WITHIN_MS);
    assert.deepEqual(seenBy(north), ['new', 'while away']);
    await mesh.clock.advance(WITHIN_MS);
    assert.deepEqual(seenBy(north), ['from the south', 'new', 'while away']);
    assert.deepEqual(seenBy(south), ['from the south', 'new', 'while away']);
  });

  it('gives up after a while: the south is gone, or will announce itself', async () => {
    mesh.kill(south, SOUTH);
    north.consumer({ service: 'while away' });
    await mesh.clock.advance(RECALL_EVERY_MS);
    const first = mesh.network.calls;
    await mesh.clock.advance(RECALL_EVERY_MS);
    assert.equal(mesh.network.calls, first + 1);
    await mesh.clock.advance(RECALL_FOR_MS);
    const last = mesh.network.calls;
    await mesh.clock.advance(RECALL_FOR_MS);
    assert.equal(mesh.network.calls, last);
  });

  it('is not believed by a store that has no such north', async () => {
    const stranger = mesh.address('10.0.0.9');
    const before = mesh.network.calls;
    const connection = mesh.network.join(stranger, { modern: true, payloads: north.payloads });
    await connection.listen({
      capabilities: { version: 4, bootId: 'stranger', storeName: 'mesh0:stranger' },
      answer: () => Promise.reject(new Error('nobody asks the stranger')),
    });
    const answer = connection.peers.call(mesh.address(SOUTH), { verb: 'recall', by: stranger });
    await mesh.clock.advance(500);
    assert.deepEqual(await answer, { kind: 'coming' });
    assert.equal(mesh.network.calls, before + 1);
  });
});

describe('a south that has lost its north', () => {
  it('hears everything again as soon as the network is whole, though the north has not noticed anything', async () => {
    const mesh = new CoreMesh();
    const north = await mesh.store(NORTH);
    north.consumer({ service: 'in the north' });
    const south = await mesh.store(SOUTH, [NORTH]);
    await mesh.clock.advance(1_000);
    mesh.network.separate(mesh.address(NORTH), mesh.address(SOUTH));
    south.consumer({ service: 'while away' });
    await mesh.clock.advance(PARTITION_MS);
    assert.deepEqual(south.store.services(), ['while away']);
    mesh.network.heal();
    await mesh.clock.advance(WITHIN_MS);
    assert.deepEqual([...south.store.services()].sort(), ['in the north', 'while away']);
    await mesh.close();
  });
});
