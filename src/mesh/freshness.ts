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

/** Most consumers whose news is remembered; the one that was silent longest is forgotten first. */
export const MAX_REMEMBERED_CONSUMERS = 200_000;

/**
 * Largest step of an origin's counter that is believed. It counts one for each word of that store, so
 * that a greater step is a forgery, after which the true words would all count as old.
 */
export const MAX_COUNTER_STEP = 1_000_000;

export type Novelty =
  /** Never heard before. */
  | 'news'
  /** Heard already, from this or another neighbour. */
  | 'known'
  /** Older than what is known. */
  | 'stale';

/** What an advertisement is worth. */
export interface Verdict {
  readonly novelty: Novelty;
  /** Own monotonic moment at which a route ends that rests on this word, ms: repetition does not prolong it. */
  readonly expiresAt: number;
}

/** Who said a word, and which of its words it was. */
export interface Mark {
  readonly bootId: string;
  readonly counter: number;
}

interface Origin {
  bootId: string;
  counter: number;
  /** The last word was that the consumer is gone. */
  gone: boolean;
  formerBoots: string[];
  ttls: { readonly ttl: number; readonly heardAt: number }[];
  /** Monotonic moment of the latest news, ms. */
  heardAt: number;
}

/** Remembers, per consumer, the latest news of it. */
export class Freshness {
  private readonly origins = new Map<string, Origin>();

  /** Judges an advertisement and remembers it. Withdrawals without a mark must not be asked about. */
  judge(consumerKey: string, advert: Advertise, now: number, withdrawn = false): Verdict {
    const origin = this.originOf(consumerKey, now);
    const mark = markOf(advert);
    const novelty =
      mark === undefined
        ? judgeTtl(origin, advert.expiresEpochS, now)
        : judgeMark(origin, mark, advert.expiresEpochS, now, withdrawn);
    if (novelty === 'news') {
      origin.heardAt = now;
      origin.gone = withdrawn;
      // Re-entered at the end: the first of the map is the one that was silent longest.
      this.origins.delete(consumerKey);
      this.origins.set(consumerKey, origin);
    }
    const heardAt = mark === undefined ? heardOf(origin, advert.expiresEpochS) : origin.heardAt;
    return { novelty, expiresAt: heardAt + ADVERTISEMENT_LIFETIME_MS };
  }

  /** A consumer of this very store is gone. */
  noteGone(consumerKey: string, mark: Mark, now: number): void {
    const origin = this.originOf(consumerKey, now);
    Object.assign(origin, { ...mark, gone: true, heardAt: now });
  }

  /** The origin's own word that its consumer is gone; undefined where it is not, or never said so. */
  goneMark(consumerKey: string): Mark | undefined {
    const origin = this.origins.get(consumerKey);
    return origin?.gone === true ? { bootId: origin.bootId, counter: origin.counter } : undefined;
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

  private originOf(key: string, now: number): Origin {
    const known = this.origins.get(key);
    if (known !== undefined) return known;
    const made: Origin = { bootId: '', counter: 0, gone: false, formerBoots: [], ttls: [], heardAt: now };
    this.origins.set(key, made);
    if (this.origins.size > MAX_REMEMBERED_CONSUMERS) {
      const [oldest] = this.origins.keys();
      if (oldest !== undefined) this.origins.delete(oldest);
    }
    return made;
  }
}

/** Whether the word is that the way it speaks of is gone. */
export function isWithdrawal(advert: Advertise): boolean {
  return advert.expiresEpochS < WITHDRAWAL_BELOW_EPOCH_S;
}

/** The origin's own count of its words; undefined where the origin is a 3.0.5 store. */
export function markOf(advert: Advertise): Mark | undefined {
  return advert.stamp === undefined || advert.stamp.bootId === '' ? undefined : advert.stamp;
}

function judgeMark(origin: Origin, mark: Mark, ttl: number, now: number, withdrawn: boolean): Novelty {
  const novelty = compareMark(origin, mark, now);
  // Kept for marked news as well: a 3.0.5 store in between drops the mark, and the copy must not count as news.
  if (novelty !== 'stale' && !withdrawn) rememberTtl(origin, ttl, now);
  return novelty;
}

function compareMark(origin: Origin, { bootId, counter }: Mark, now: number): Novelty {
  if (origin.bootId === bootId) {
    if (counter < origin.counter || counter - origin.counter > MAX_COUNTER_STEP) return 'stale';
    if (counter === origin.counter) return 'known';
    origin.counter = counter;
    return 'news';
  }
  // A former start is believed again when the later one has fallen silent: then it was another store, or a forgery.
  const silent = now - origin.heardAt > ADVERTISEMENT_LIFETIME_MS;
  if (origin.formerBoots.includes(bootId) && !silent) return 'stale';
  if (origin.bootId !== '') origin.formerBoots.push(origin.bootId);
  if (origin.formerBoots.length > REMEMBERED_BOOTS) origin.formerBoots.shift();
  origin.bootId = bootId;
  origin.counter = counter;
  return 'news';
}

function judgeTtl(origin: Origin, ttl: number, now: number): Novelty {
  if (!origin.ttls.some((known) => known.ttl === ttl)) {
    rememberTtl(origin, ttl, now);
    return 'news';
  }
  // A 3.0.5 store goes on repeating what a new store has taken back.
  return origin.gone ? 'stale' : 'known';
}

function rememberTtl(origin: Origin, ttl: number, now: number): void {
  if (origin.ttls.some((known) => known.ttl === ttl)) return;
  origin.ttls.push({ ttl, heardAt: now });
  if (origin.ttls.length > REMEMBERED_TTLS) origin.ttls.shift();
}

function heardOf(origin: Origin, ttl: number): number {
  return origin.ttls.find((known) => known.ttl === ttl)?.heardAt ?? origin.heardAt;
}
