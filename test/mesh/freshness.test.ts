import assert from 'node:assert/strict';
import {
  ADVERTISEMENT_LIFETIME_MS,
  Freshness,
  MAX_COUNTER_STEP,
  type Novelty,
} from '../../src/mesh/freshness.js';
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

function judge(freshness: Freshness, word: Advertise, now: number): Novelty {
  return freshness.judge(KEY, word, now).novelty;
}

describe('the freshness of advertisements', () => {
  it('counts every new ttl of a 3.0.5 store as one piece of news', () => {
    const freshness = new Freshness();
    assert.equal(judge(freshness, advert(1_700_000_000), 0), 'news');
    assert.equal(judge(freshness, advert(1_700_000_000), 5), 'known');
    assert.equal(judge(freshness, advert(1_700_000_030), 10), 'news');
  });

  it('does not mind a clock that goes back', () => {
    const freshness = new Freshness();
    judge(freshness, advert(1_700_000_000), 0);
    assert.equal(judge(freshness, advert(1_600_000_000), 10), 'news');
  });

  it('knows an old ttl that circles in a ring', () => {
    const freshness = new Freshness();
    for (const ttl of [1_700_000_000, 1_700_000_030, 1_700_000_060]) judge(freshness, advert(ttl), 0);
    assert.equal(judge(freshness, advert(1_700_000_000), 1), 'known');
  });

  it('goes by the count of a new store', () => {
    const freshness = new Freshness();
    assert.equal(judge(freshness, advert(1, { bootId: 'b1', counter: 5 }), 0), 'news');
    assert.equal(judge(freshness, advert(1, { bootId: 'b1', counter: 5 }), 0), 'known');
    assert.equal(judge(freshness, advert(1, { bootId: 'b1', counter: 4 }), 0), 'stale');
    assert.equal(judge(freshness, advert(1, { bootId: 'b1', counter: 6 }), 0), 'news');
  });

  it('takes no word of an earlier start once the store has started anew', () => {
    const freshness = new Freshness();
    judge(freshness, advert(1, { bootId: 'b1', counter: 900 }), 0);
    assert.equal(judge(freshness, advert(1, { bootId: 'b2', counter: 1 }), 0), 'news');
    assert.equal(judge(freshness, advert(1, { bootId: 'b1', counter: 901 }), 0), 'stale');
  });

  it('does not take the copy that came through a 3.0.5 store for news', () => {
    const freshness = new Freshness();
    judge(freshness, advert(1_700_000_000, { bootId: 'b1', counter: 1 }), 0);
    assert.equal(judge(freshness, advert(1_700_000_000), 1), 'known');
  });

  it('lives from the moment when it was news, and not from its repetition', () => {
    const freshness = new Freshness();
    judge(freshness, advert(1_700_000_000), 1_000);
    judge(freshness, advert(1_700_000_030), 31_000);
    const repeated = freshness.judge(KEY, advert(1_700_000_000), 60_000);
    assert.equal(repeated.expiresAt, 1_000 + ADVERTISEMENT_LIFETIME_MS);
  });

  it('believes no count that is far ahead, because after it the true ones would all be old', () => {
    const freshness = new Freshness();
    judge(freshness, advert(1, { bootId: 'b1', counter: 5 }), 0);
    const forged = { bootId: 'b1', counter: 6 + MAX_COUNTER_STEP };
    assert.equal(judge(freshness, advert(1, forged), 1), 'stale');
    assert.equal(judge(freshness, advert(1, { bootId: 'b1', counter: 6 }), 2), 'news');
  });

  it('believes an earlier start again when the later one has fallen silent', () => {
    const freshness = new Freshness();
    judge(freshness, advert(1, { bootId: 'b1', counter: 5 }), 0);
    judge(freshness, advert(1, { bootId: 'forged', counter: 1 }), 1);
    const later = ADVERTISEMENT_LIFETIME_MS + 2;
    assert.equal(judge(freshness, advert(1, { bootId: 'b1', counter: 9 }), later), 'news');
  });

  it('takes nothing from a 3.0.5 store that repeats what the origin has taken back', () => {
    const freshness = new Freshness();
    judge(freshness, advert(1_700_000_000, { bootId: 'b1', counter: 1 }), 0);
    freshness.judge(KEY, advert(1, { bootId: 'b1', counter: 2 }), 1, true);
    assert.deepEqual(freshness.goneMark(KEY), { bootId: 'b1', counter: 2 });
    assert.equal(judge(freshness, advert(1_700_000_000), 2), 'stale');
    assert.equal(judge(freshness, advert(1_700_000_030), 3), 'news');
    assert.equal(freshness.goneMark(KEY), undefined);
  });

  it('forgets consumers that nothing was heard of for long', () => {
    const freshness = new Freshness();
    judge(freshness, advert(1_700_000_000), 0);
    freshness.sweep(3 * ADVERTISEMENT_LIFETIME_MS);
    assert.equal(freshness.size, 0);
  });
});
