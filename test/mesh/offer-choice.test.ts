import assert from 'node:assert/strict';
import type { RouteRow } from '../../src/engine/rows.js';
import { Balancer } from '../../src/mesh/balancer.js';
import { NearestFirst } from '../../src/mesh/route-order.js';
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
    order: balance ? new Balancer('mesh0:here', new ManualClock()) : new NearestFirst(new ManualClock()),
    avoid: () => false,
  }).map((row) => row.viaHost);
}

/** How many of so many messages went to whom. */
function takeTurns(order: Balancer, routes: RouteRow[], messages: number): Record<string, number> {
  const taken: Record<string, number> = {};
  for (let sent = 0; sent < messages; sent += 1) {
    const [chosen] = rankRoutes(routes, { order, avoid: () => false });
    assert.ok(chosen);
    order.chose(chosen);
    taken[chosen.viaHost] = (taken[chosen.viaHost] ?? 0) + 1;
  }
  return taken;
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
    const order = new Balancer('mesh0:here', new ManualClock());
    const routes = [
      route('a', { replyMs: 100 }),
      route('b', { replyMs: 100 }),
      route('slow', { replyMs: 300 }),
    ];
    assert.deepEqual(takeTurns(order, routes, 700), { a: 300, b: 300, slow: 100 });
  });

  it('forgets a load figure that is old', () => {
    const clock = new ManualClock();
    const order = new Balancer('mesh0:here', clock);
    const full = route('full', { room: 100 });
    clock.advance(10_000);
    const [first] = rankRoutes([full, route('used', { room: 30, loadAt: clock.now() })], {
      order,
      avoid: () => false,
    });
    assert.equal(first?.viaHost, 'full');
  });

  it('forgets after a while, also without balancing, that the nearest had no room', () => {
    const clock = new ManualClock();
    const order = new NearestFirst(clock);
    const routes = [route('near', { room: 100 }), route('far', { hopCount: 3 })];
    const first = (): string | undefined => rankRoutes(routes, { order, avoid: () => false })[0]?.viaHost;
    assert.equal(first(), 'far');
    clock.advance(10_000);
    assert.equal(first(), 'near');
  });

  it('counts consumers, not neighbours: one that leads to two gets two turns of three', () => {
    const order = new Balancer('mesh0:here', new ManualClock());
    const routes = [
      route('hub', { consumerId: 'a' }),
      route('hub', { consumerId: 'b' }),
      route('single', { consumerId: 'c' }),
    ];
    assert.deepEqual(takeTurns(order, routes, 300), { hub: 200, single: 100 });
  });

  it('gives the turn back where the message did not go that way', () => {
    const order = new Balancer('mesh0:here', new ManualClock());
    const routes = [route('a'), route('b')];
    const [first] = rankRoutes(routes, { order, avoid: () => false });
    assert.ok(first);
    order.chose(first)();
    assert.equal(rankRoutes(routes, { order, avoid: () => false })[0], first);
  });

  it('does not begin with the same consumer in all stores that see the same figures', () => {
    const routes = [route('a'), route('b'), route('c')];
    const begun: Record<string, number> = {};
    for (let store = 0; store < 300; store += 1) {
      const order = new Balancer(`mesh0:store${store}`, new ManualClock());
      const first = rankRoutes(routes, { order, avoid: () => false })[0]?.viaHost ?? '';
      begun[first] = (begun[first] ?? 0) + 1;
    }
    for (const count of Object.values(begun)) assert.ok(Math.abs(count - 100) < 30, JSON.stringify(begun));
  });

  it('goes by the reply time, then by the read time, where nobody had a turn yet', () => {
    const quick = route('quick', { replyMs: 100, readMs: 90 });
    assert.deepEqual(order([route('slow', { replyMs: 300 }), quick], true), ['quick', 'slow']);
    assert.deepEqual(order([quick, route('read', { replyMs: 100, readMs: 30 })], true), ['read', 'quick']);
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
      order: new NearestFirst(new ManualClock()),
      avoid: (row) => neighbourOf(row) === 'passed:2000',
    });
    assert.deepEqual(
      ranked.map((row) => row.viaHost),
      ['away'],
    );
  });
});
