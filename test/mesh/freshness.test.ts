import assert from 'node:assert/strict';
import { ADVERTISEMENT_LIFETIME_MS, Freshness } from '../../src/mesh/freshness.js';
import type { Advertise, OriginStamp } from '../../src/protocol/verbs.js';

const KEY = 'mesh0:S1\nc1';

function advert(expiresEpochS: number, stamp?: Omit<OriginStamp, 'path'>): Advertise {
  return {
    verb: 'advertise',
    heading: 'north',
    service: 'svc',
    consumerId: 'c1',
    origin: { storeName: 'mesh0:S1', address: { host: '10.0.0.1', port: '2000' } },
    passedOnBy: 'mesh0:S1',
    via: { host: '10.0.0.1', port: '2000' },
    hopCount: 1,
    expiresEpochS,
    load: undefined,
    stamp: stamp === undefined ? undefined : { ...stamp, path: ['mesh0:S1'] },
  };
}

describe('the freshness of advertisements', () => {
  it('counts every new ttl of a 3.0.5 store as one piece of news', () => {
    const freshness = new Freshness();
    assert.equal(freshness.judge(KEY, advert(1_700_000_000), 0), 'news');
    assert.equal(freshness.judge(KEY, advert(1_700_000_000), 5), 'known');
    assert.equal(freshness.judge(KEY, advert(1_700_000_030), 10), 'news');
  });

  it('does not mind a clock that goes back', () => {
    const freshness = new Freshness();
    freshness.judge(KEY, advert(1_700_000_000), 0);
    assert.equal(freshness.judge(KEY, advert(1_600_000_000), 10), 'news');
  });

  it('knows an old ttl that circles in a ring', () => {
    const freshness = new Freshness();
    for (const ttl of [1_700_000_000, 1_700_000_030, 1_700_000_060]) freshness.judge(KEY, advert(ttl), 0);
    assert.equal(freshness.judge(KEY, advert(1_700_000_000), 1), 'known');
  });

  it('goes by the count of a new store', () => {
    const freshness = new Freshness();
    assert.equal(freshness.judge(KEY, advert(1, { bootId: 'b1', counter: 5 }), 0), 'news');
    assert.equal(freshness.judge(KEY, advert(1, { bootId: 'b1', counter: 5 }), 0), 'known');
    assert.equal(freshness.judge(KEY, advert(1, { bootId: 'b1', counter: 4 }), 0), 'stale');
    assert.equal(freshness.judge(KEY, advert(1, { bootId: 'b1', counter: 6 }), 0), 'news');
  });

  it('takes no word of an earlier start once the store has started anew', () => {
    const freshness = new Freshness();
    freshness.judge(KEY, advert(1, { bootId: 'b1', counter: 900 }), 0);
    assert.equal(freshness.judge(KEY, advert(1, { bootId: 'b2', counter: 1 }), 0), 'news');
    assert.equal(freshness.judge(KEY, advert(1, { bootId: 'b1', counter: 901 }), 0), 'stale');
  });

  it('does not take the copy that came through a 3.0.5 store for news', () => {
    const freshness = new Freshness();
    freshness.judge(KEY, advert(1_700_000_000, { bootId: 'b1', counter: 1 }), 0);
    assert.equal(freshness.judge(KEY, advert(1_700_000_000), 1), 'known');
  });

  it('lives from the latest news, and not from its repetition', () => {
    const freshness = new Freshness();
    freshness.judge(KEY, advert(1_700_000_000), 1_000);
    freshness.judge(KEY, advert(1_700_000_000), 60_000);
    assert.equal(freshness.expiresAt(KEY), 1_000 + ADVERTISEMENT_LIFETIME_MS);
  });

  it('forgets consumers that nothing was heard of for long', () => {
    const freshness = new Freshness();
    freshness.judge(KEY, advert(1_700_000_000), 0);
    freshness.sweep(3 * ADVERTISEMENT_LIFETIME_MS);
    assert.equal(freshness.size, 0);
  });
});
