import assert from 'node:assert/strict';
import { Engine } from '../../src/engine/engine.js';
import { Neighbours, type Neighbour } from '../../src/mesh/neighbours.js';
import { MAX_ROUTES, MAX_ROUTES_PER_NEIGHBOUR, Routes, type Learned } from '../../src/mesh/routes.js';
import type { Advertise } from '../../src/protocol/verbs.js';
import { SystemClock } from '../../src/support/system-clock.js';
import { selectNumber } from '../engine/foreign-sql.js';
import { VirtualClock } from '../simulation/virtual-clock.js';

const ADDRESS = { host: '10.0.0.9', port: '2000' };

function advert(consumerId: string): Advertise {
  return {
    verb: 'advertise',
    heading: 'north',
    service: 'svc',
    consumerId,
    origin: { storeName: 'mesh0:far', address: ADDRESS },
    passedOnBy: 'mesh0:far',
    via: ADDRESS,
    hopCount: 1,
    expiresEpochS: 1_795_414_467,
    load: undefined,
    stamp: undefined,
  };
}

describe('the routes that a store learns', function () {
  this.timeout(60_000);
  let engine: Engine;
  beforeEach(() => {
    engine = new Engine();
  });
  afterEach(() => {
    engine.close();
  });

  /** @returns how a neighbour teaches many routes, and gets the answer to the last */
  function teaching(): (neighbour: number, count: number) => Learned | undefined {
    const routes = new Routes(engine.routes, 'mesh0:own', new VirtualClock().forStore(0));
    const peers = new Neighbours([], { resolve: async () => [] });
    const known = new Map<number, Neighbour | undefined>();
    return (number, count) => {
      const from = known.get(number) ?? peers.addSouth({ host: `10.0.1.${number}`, port: '2000' });
      known.set(number, from);
      assert.ok(from !== undefined);
      let last: Learned | undefined;
      for (let n = 0; n < count; n += 1) last = routes.learn(advert(`${number}/${n}`), from);
      return last;
    };
  }

  it('are bounded for each neighbour, and the others still teach theirs', () => {
    const teach = teaching();
    assert.equal(teach(1, MAX_ROUTES_PER_NEIGHBOUR)?.kind, 'learned');
    assert.equal(teach(1, MAX_ROUTES_PER_NEIGHBOUR + 1)?.kind, 'refused');
    assert.equal(engine.routes.size, MAX_ROUTES_PER_NEIGHBOUR);
    assert.equal(teach(2, 1)?.kind, 'learned');
  });

  it('are bounded in all', () => {
    const teach = teaching();
    const full = MAX_ROUTES / MAX_ROUTES_PER_NEIGHBOUR;
    for (let neighbour = 1; neighbour <= full; neighbour += 1) teach(neighbour, MAX_ROUTES_PER_NEIGHBOUR);
    assert.equal(engine.routes.size, MAX_ROUTES);
    assert.equal(teach(full + 1, 1)?.kind, 'refused');
  });

  it('are lost all at once with their neighbour, but taken out bit by bit', async () => {
    const clock = new SystemClock();
    const routes = new Routes(engine.routes, 'mesh0:own', clock);
    const from = new Neighbours([], { resolve: async () => [] }).addSouth(ADDRESS);
    assert.ok(from !== undefined);
    for (let n = 0; n < 5_000; n += 1) routes.learn(advert(`c${n}`), from);
    assert.equal(routes.dropVia(from.link).length, 5_000);
    assert.deepEqual(routes.ofService('svc'), []);
    assert.equal(routes.countVia(from.link), 0);
    const stillThere = (): number => selectNumber(engine, 'COUNT(*)', 'globalStoreConsumers');
    assert.ok(stillThere() >= 4_000, `${stillThere()} were left for later`);
    routes.learn(advert('c4999'), from);
    while (stillThere() > 1) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(routes.ofService('svc').length, 1);
  });
});
