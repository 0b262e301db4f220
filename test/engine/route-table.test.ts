import assert from 'node:assert/strict';
import { Engine } from '../../src/engine/engine.js';
import { foreignSql, selectNumber } from './foreign-sql.js';
import { consumerRow, routeRow } from './sample-rows.js';

describe('RouteTable', () => {
  let engine: Engine;

  beforeEach(() => {
    engine = new Engine();
  });
  afterEach(() => {
    engine.close();
  });

  it('keeps one route for each neighbour that leads to a consumer', () => {
    const [one, two] = [routeRow({ consumerId: 'c', via: 'a:1' }), routeRow({ consumerId: 'c', via: 'b:1' })];
    const [first, second] = [engine.routes.insert(one), engine.routes.insert(two)];
    assert.deepEqual(engine.routes.ofConsumer('mesh0:south', 'c'), [first, second]);
    assert.deepEqual(engine.routes.ofService('echo'), [first, second]);
    assert.deepEqual(engine.routes.via('b:1'), [second]);
    assert.equal(engine.routes.find('mesh0:south', 'c', 'a:1'), first);
    engine.routes.remove(first);
    assert.equal(engine.routes.find('mesh0:south', 'c', 'a:1'), undefined);
    assert.deepEqual(engine.routes.ofService('echo'), [second]);
    assert.deepEqual(engine.routes.via('a:1'), []);
  });

  it('tells consumers of one id on two stores apart', () => {
    engine.routes.insert(routeRow({ consumerId: 'c', storeName: 'mesh0:a' }));
    engine.routes.insert(routeRow({ consumerId: 'c', storeName: 'mesh0:b' }));
    assert.equal(engine.routes.ofConsumer('mesh0:a', 'c').length, 1);
    assert.equal(engine.routes.size, 2);
  });

  it('mixes up no names, wherever their parts end', () => {
    engine.routes.insert(routeRow({ storeName: 'a', consumerId: '1:b', via: 'v' }));
    engine.routes.insert(routeRow({ storeName: 'a1:', consumerId: 'b', via: 'v' }));
    assert.equal(engine.routes.size, 2);
    assert.equal(engine.routes.find('a', '1:bv', ''), undefined);
  });

  it('names each service once, as long as it has a route', () => {
    const row = engine.routes.insert(routeRow({ consumerId: 'c', service: 'one' }));
    engine.routes.insert(routeRow({ consumerId: 'c', service: 'two', via: 'b:1' }));
    engine.routes.insert(routeRow({ consumerId: 'd', service: 'two' }));
    assert.deepEqual(engine.routes.services(), ['one', 'two']);
    engine.routes.remove(row);
    assert.deepEqual(engine.routes.services(), ['two']);
  });

  it('gives nobody a route that is retired, also before it is swept out', () => {
    const row = engine.routes.insert(routeRow({ consumerId: 'c', service: 'one', via: 'a:1' }));
    const other = engine.routes.insert(routeRow({ consumerId: 'c', service: 'two', via: 'b:1' }));
    engine.routes.retire([row]);
    assert.equal(selectNumber(engine, 'COUNT(*)', 'globalStoreConsumers'), 2);
    assert.deepEqual(engine.routes.rows(), [other]);
    assert.equal(engine.routes.size, 1);
    assert.deepEqual(engine.routes.services(), ['two']);
    assert.deepEqual(engine.routes.ofService('one'), []);
    assert.deepEqual(engine.routes.ofConsumer('mesh0:south', 'c'), [other]);
    assert.deepEqual([engine.routes.via('a:1'), engine.routes.countVia('a:1')], [[], 0]);
    assert.equal(engine.routes.find('mesh0:south', 'c', 'a:1'), undefined);
    engine.routes.sweepOut(row);
    assert.equal(selectNumber(engine, 'COUNT(*)', 'globalStoreConsumers'), 1);
    assert.equal(engine.routes.size, 1);
  });

  it('takes a new route in the place of a retired one, which is not swept out with it', () => {
    const row = engine.routes.insert(routeRow({ consumerId: 'c', via: 'a:1' }));
    engine.routes.retire([row]);
    const again = engine.routes.insert(routeRow({ consumerId: 'c', via: 'a:1' }));
    engine.routes.sweepOut(row);
    assert.deepEqual(engine.routes.rows(), [again]);
    assert.deepEqual([engine.routes.size, engine.routes.countVia('a:1')], [1, 1]);
  });

  it('keeps retired routes out after foreign SQL, too', () => {
    const row = engine.routes.insert(routeRow({ consumerId: 'c', via: 'a:1' }));
    engine.routes.insert(routeRow({ consumerId: 'd', via: 'a:1' }));
    engine.routes.retire([row]);
    foreignSql(engine, 'UPDATE globalStoreConsumers SET room = 5');
    assert.deepEqual(
      engine.routes.via('a:1').map(({ consumerId }) => consumerId),
      ['d'],
    );
    assert.equal(engine.routes.size, 1);
  });
});

describe('ConsumerTable', () => {
  it('gives the consumers of a service', () => {
    const engine = new Engine();
    const a = engine.consumers.insert(consumerRow({ consumerId: 'a' }));
    const b = engine.consumers.insert(consumerRow({ consumerId: 'b', inTransitLimit: 10 }));
    engine.consumers.insert(consumerRow({ consumerId: 'c', service: 'other' }));
    assert.deepEqual(engine.consumers.ofService('echo'), [a, b]);
    engine.consumers.remove('c');
    assert.deepEqual(engine.consumers.services(), ['echo']);
    engine.close();
  });
});
