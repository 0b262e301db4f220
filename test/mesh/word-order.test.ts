import assert from 'node:assert/strict';
import { MAX_REMEMBERED_PER_LINK, WordOrder } from '../../src/mesh/word-order.js';
import type { Advertise } from '../../src/protocol/verbs.js';
import { VirtualClock } from '../simulation/virtual-clock.js';
import { CoreMesh } from '../support/core-mesh.js';

const LINK = 'south 10.0.0.2:2000';

function turn(counter: number, bootId = 'first start'): { bootId: string; counter: number } {
  return { bootId, counter };
}

describe('the order of words about one consumer', () => {
  let clock: VirtualClock;
  let order: WordOrder;

  beforeEach(() => {
    clock = new VirtualClock();
    order = new WordOrder(clock);
  });

  it('drops what was overtaken, and what comes twice', () => {
    const taken = [1, 3, 2, 3, 4].map((counter) => order.isNext(LINK, 'c', turn(counter)));
    assert.deepEqual(taken, [true, true, false, false, true]);
  });

  it('is one for each consumer and each link', () => {
    order.isNext(LINK, 'c', turn(5));
    assert.equal(order.isNext(LINK, 'another', turn(4)), true);
    assert.equal(order.isNext('north 10.0.0.3:2000', 'c', turn(4)), true);
  });

  it('begins anew when the neighbour has started anew', () => {
    order.isNext(LINK, 'c', turn(5));
    assert.equal(order.isNext(LINK, 'c', turn(1, 'second start')), true);
  });

  it('is not asked of stores that do not count', () => {
    order.isNext(LINK, 'c', turn(5));
    assert.equal(order.isNext(LINK, 'c', undefined), true);
  });

  it('is forgotten when nothing can be under way any more', async () => {
    order.isNext(LINK, 'old', turn(1));
    await clock.advance(50_000);
    order.isNext(LINK, 'new', turn(2));
    await clock.advance(20_000);
    order.sweep();
    assert.equal(order.size, 1);
    assert.equal(order.isNext(LINK, 'new', turn(1)), false);
  });

  it('is remembered of so many consumers of a link and no more', () => {
    for (let count = 0; count <= MAX_REMEMBERED_PER_LINK; count += 1) {
      order.isNext(LINK, `c${count}`, turn(count + 1));
    }
    assert.equal(order.size, MAX_REMEMBERED_PER_LINK);
  });
});

describe('a store that hears two words about a consumer in the wrong order', () => {
  const HERE = '10.0.0.1';
  const SOUTH = '10.0.0.2';
  let mesh: CoreMesh;

  beforeEach(() => {
    mesh = new CoreMesh();
  });
  afterEach(() => mesh.close());

  /** A south of which no more is known than what it says. */
  async function southThatSays(...words: readonly Partial<Advertise>[]): Promise<readonly string[]> {
    const here = await mesh.store(HERE);
    const via = mesh.address(SOUTH);
    const storeName = `mesh0:${SOUTH}`;
    const connection = mesh.network.join(via, { modern: true, payloads: here.payloads });
    await connection.listen({
      capabilities: { version: 4, bootId: 'first start', storeName },
      answer: () => Promise.reject(new Error('nobody tells the south anything')),
    });
    for (const word of words) {
      void connection.peers.call(mesh.address(HERE), {
        verb: 'advertise',
        heading: 'north',
        service: 'svc',
        consumerId: 'c',
        origin: { storeName: 'mesh0:far', address: mesh.address('10.0.0.9') },
        passedOnBy: storeName,
        via,
        hopCount: 2,
        expiresEpochS: Math.floor(mesh.clock.wall() / 1_000) + 120,
        load: undefined,
        stamp: { bootId: 'far', counter: 1, path: ['mesh0:far', storeName] },
        ...word,
      });
      await mesh.clock.advance(200);
    }
    return here.store.services();
  }

  it('goes by the one that was said later', async () => {
    const gone = { expiresEpochS: 1, stamp: undefined, turn: turn(2) };
    assert.deepEqual(await southThatSays({ turn: turn(1) }), ['svc']);
    await mesh.close();
    mesh = new CoreMesh();
    assert.deepEqual(await southThatSays(gone, { turn: turn(1) }), []);
  });
});
