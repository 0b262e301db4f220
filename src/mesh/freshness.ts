import type { Advertise } from '../protocol/verbs.js';

/**
 * Whether an advertisement is news. Between new stores the origin counts (boot id and counter); from
 * 3.0.5 each value of `ttl` is one piece of news, whatever that peer's clock says (DESIGN.md, "Routes").
 */

/** How long an advertisement lives after this store first heard of it, ms (WIRE 3: 120 s). */
export const ADVERTISEMENT_LIFETIME_MS = 120_000;

/** A `ttl` under this is a withdrawal, not an expiry: no clock is that far off (DESIGN.md, "Routes"). */
export const WITHDRAWAL_BELOW_EPOCH_S = 86_400;

/** How many `ttl` values of a 3.0.5 consumer are remembered: a ring cannot hold more old ones in flight. */
const REMEMBERED_TTLS = 8;

/** How many former boot ids of an origin are remembered, so that its old advertisements stay old. */
const REMEMBERED_BOOTS = 4;

export type Novelty =
  /** Never heard before. */
  | 'news'
  /** Heard already, from this or another neighbour. */
  | 'known'
  /** Older than what is known. */
  | 'stale';

interface Origin {
  bootId: string;
  counter: number;
  formerBoots: string[];
  ttls: number[];
  /** Monotonic moment of the latest news, ms. */
  heardAt: number;
}

/** Remembers, per consumer, the latest news of it. */
export class Freshness {
  private readonly origins = new Map<string, Origin>();

  /** Judges an advertisement and remembers it. Withdrawals without a stamp must not be asked about. */
  judge(consumerKey: string, advert: Advertise, now: number): Novelty {
    const known = this.origins.get(consumerKey);
    const stamp = advert.stamp;
    if (known === undefined) {
      this.origins.set(consumerKey, {
        bootId: stamp?.bootId ?? '',
        counter: stamp?.counter ?? 0,
        formerBoots: [],
        ttls: [advert.expiresEpochS],
        heardAt: now,
      });
      return 'news';
    }
    const novelty =
      stamp === undefined
        ? judgeTtl(known, advert.expiresEpochS)
        : judgeStamp(known, stamp.bootId, stamp.counter);
    if (stamp !== undefined) judgeTtl(known, advert.expiresEpochS);
    if (novelty === 'news') known.heardAt = now;
    return novelty;
  }

  /** Monotonic moment at which the latest news of a consumer ends, ms. */
  expiresAt(consumerKey: string): number {
    return (this.origins.get(consumerKey)?.heardAt ?? 0) + ADVERTISEMENT_LIFETIME_MS;
  }

  /** Forgets consumers that nothing was heard of for two lifetimes. */
  sweep(now: number): void {
    for (const [key, origin] of this.origins) {
      if (now - origin.heardAt > 2 * ADVERTISEMENT_LIFETIME_MS) this.origins.delete(key);
    }
  }

  get size(): number {
    return this.origins.size;
  }
}

function judgeStamp(known: Origin, bootId: string, counter: number): Novelty {
  if (known.bootId === bootId) {
    if (counter < known.counter) return 'stale';
    if (counter === known.counter) return 'known';
    known.counter = counter;
    return 'news';
  }
  if (known.formerBoots.includes(bootId)) return 'stale';
  if (known.bootId !== '') known.formerBoots.push(known.bootId);
  if (known.formerBoots.length > REMEMBERED_BOOTS) known.formerBoots.shift();
  known.bootId = bootId;
  known.counter = counter;
  return 'news';
}

function judgeTtl(known: Origin, ttl: number): Novelty {
  // Kept for stamped news as well: a 3.0.5 store in between drops the stamp, and the copy must not count as news.
  if (known.ttls.includes(ttl)) return 'known';
  known.ttls.push(ttl);
  if (known.ttls.length > REMEMBERED_TTLS) known.ttls.shift();
  return 'news';
}
