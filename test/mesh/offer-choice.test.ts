import assert from 'node:assert/strict';
import type { RouteRow } from '../../src/engine/rows.js';
import { neighbourOf, rankRoutes } from '../../src/mesh/offer-choice.js';

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
  return rankRoutes(routes, { balance, avoid: () => false }).map((row) => row.viaHost);
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

  it('goes by room, then reply time, then read time where it balances', () => {
    const routes = [
      route('busy', { room: 50 }),
      route('slow', { replyMs: 90 }),
      route('lazy', { replyMs: 10, readMs: 9 }),
      route('quick', { hopCount: 5, replyMs: 10, readMs: 1 }),
    ];
    assert.deepEqual(order(routes, true), ['quick', 'lazy', 'slow', 'busy']);
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
    const ranked = rankRoutes(routes, { balance: false, avoid: (row) => neighbourOf(row) === 'passed:2000' });
    assert.deepEqual(
      ranked.map((row) => row.viaHost),
      ['away'],
    );
  });
});
