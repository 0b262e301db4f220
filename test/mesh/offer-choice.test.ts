import assert from 'node:assert/strict';
import type { RouteRow } from '../../src/engine/rows.js';
import { Balancer } from '../../src/mesh/balancer.js';
import { neighbourOf, rankRoutes } from '../../src/mesh/offer-choice.js';
import { ManualClock } from '../support/manual-clock.js';

function route(host: string, change: Partial<RouteRow> = {}): RouteRow {
  return {
    service: 'svc',
    consumerId: `c-${host}`,
    storeName: `mesh0:${host}`,
    storeHost: host,
    storePort: '2000',
    direction: 'north',
    via: `north ${host}:2000`,
    viaHost: host,
    viaPort: '2000',
    hopCount: 1,
    expiresEpochS: 0,
    expiresAt: Infinity,
    loadAt: 0,
    room: 0,
    readMs: 0,
    replyMs: 0,
    bootId: '',
    counter: 0,
    path: '',
    ...change,
  };
}

function order(routes: RouteRow[], balance: boolean): string[] {
  return rankRoutes(routes, {
    balancer: balance ? new Balancer(new ManualClock()) : undefined,
    avoid: () => false,
  }).map((row) => row.viaHost);
}

describe('the choice among routes', () => {
  it('takes the nearest with room', () => {
    const routes = [route('far', { hopCount: 3 }), route('near', { hopCount: 1, room: 99 })];
    assert.deepEqual(order(routes, false), ['near', 'far']);
  });

  it('takes the nearest last where it has no room', () => {
    const routes = [route('near', { room: 100 }), route('far', { hopCount: 3 })];
    assert.deepEqual(order(routes, false), ['far', 'near']);
  });

  it('goes by room where it balances', () => {
    assert.deepEqual(order([route('busy', { room: 50 }), route('free', { hopCount: 5 })], true), [
      'free',
      'busy',
    ]);
  });

  it('gives equals turns, and a slow one its part', () => {
    const balancer = new Balancer(new ManualClock());
    const routes = [
      route('a', { replyMs: 100 }),
      route('b', { replyMs: 100 }),
      route('slow', { replyMs: 300 }),
    ];
    const taken: Record<string, number> = {};
    for (let sent = 0; sent < 700; sent += 1) {
      const [chosen] = rankRoutes(routes, { balancer, avoid: () => false });
      assert.ok(chosen);
      balancer.chose(chosen);
      taken[chosen.viaHost] = (taken[chosen.viaHost] ?? 0) + 1;
    }
    assert.deepEqual(taken, { a: 300, b: 300, slow: 100 });
  });

  it('forgets a load figure that is old', () => {
    const clock = new ManualClock();
    const balancer = new Balancer(clock);
    const full = route('full', { room: 100 });
    clock.advance(10_000);
    const [first] = rankRoutes([full, route('used', { room: 10, loadAt: clock.now() })], {
      balancer,
      avoid: () => false,
    });
    assert.equal(first?.viaHost, 'full');
  });

  it('asks each neighbour once, however many of its consumers offer the service', () => {
    const twice = [
      route('one', { consumerId: 'a' }),
      route('one', { consumerId: 'b', via: 'south one:2000' }),
    ];
    assert.deepEqual(order(twice, false), ['one']);
  });

  it('never names this store itself, nor what is to be avoided', () => {
    const routes = [route('here', { direction: 'local' }), route('away'), route('passed')];
    const ranked = rankRoutes(routes, {
      balancer: undefined,
      avoid: (row) => neighbourOf(row) === 'passed:2000',
    });
    assert.deepEqual(
      ranked.map((row) => row.viaHost),
      ['away'],
    );
  });
});
