import type { Hop, Offer, OfferAnswer } from '../protocol/verbs.js';
import { compoundKey } from '../engine/compound-key.js';

/** Promises that are remembered: a repeated request comes soon or not at all. */
const REMEMBERED_PROMISES = 4_096;

/**
 * The offers that pass a store which answers none of them itself. The same offer may come twice, by two
 * ways or because a request was repeated: it is asked for once, and both get the answer. One that comes
 * later goes to the store that has promised a place, not to the next one, where a second place would be held.
 */
export class OffersPassing {
  private readonly underWay = new Map<string, Promise<OfferAnswer>>();
  private readonly promises = new Map<string, string>();

  /**
   * @param storeName this store's own
   * @param path the way of this very offer, this store included
   */
  async once(
    offer: Offer,
    storeName: string,
    path: readonly Hop[],
    ask: () => Promise<OfferAnswer>,
  ): Promise<OfferAnswer> {
    const key = compoundKey(keyOf(offer), offer.terms?.token ?? '');
    const first = this.underWay.get(key);
    if (first !== undefined) return byWayOf(path, storeName, await first);
    const asked = ask().finally(() => this.underWay.delete(key));
    this.underWay.set(key, asked);
    return asked;
  }

  /** Key of the neighbour that has promised a place for the message. */
  promisedBy(offer: Offer): string | undefined {
    return this.promises.get(keyOf(offer));
  }

  promise(offer: Offer, neighbourKey: string): void {
    this.promises.delete(keyOf(offer));
    this.promises.set(keyOf(offer), neighbourKey);
    for (const oldest of this.promises.keys()) {
      if (this.promises.size <= REMEMBERED_PROMISES) return;
      this.promises.delete(oldest);
    }
  }
}

/** The answer, as if it had come for an offer that took this path up to here. */
function byWayOf(path: readonly Hop[], storeName: string, answer: OfferAnswer): OfferAnswer {
  const here = answer.path.findIndex((hop) => hop.storeName === storeName);
  if (here < 0) return { ...answer, path };
  return { ...answer, path: [...path, ...answer.path.slice(here + 1)] };
}

/** Ids are given by producers' stores: two of them may have given the same. */
function keyOf(offer: Offer): string {
  return compoundKey(offer.source.storeName, offer.messageId);
}
