import { compoundKey } from '../engine/compound-key.js';
import type { Offer } from '../protocol/verbs.js';
import { BoundedMemory } from '../support/bounded-memory.js';

/** How many assignments are remembered: those of some seconds at the busiest. A repeated or late offer comes sooner. */
const REMEMBERED_ASSIGNMENTS = 16_384;

/**
 * By which terms messages were assigned last. An offer can come late, out of a store on the way that stood still, when its
 * producer's store has long offered the message by newer terms: were it to replace those, both would be lost.
 */
export class LatestTerms {
  /** Tokens of assignments that are over. */
  private readonly over = new BoundedMemory<true>(REMEMBERED_ASSIGNMENTS);
  /** The producer's store's count of the latest terms, by message and start of that store. */
  private readonly counters = new BoundedMemory<number>(REMEMBERED_ASSIGNMENTS);

  /** A consumer has the message by these terms. */
  note(offer: Offer): void {
    const turn = offer.terms?.turn;
    if (turn !== undefined) this.counters.set(keyOf(offer, turn.bootId), turn.counter);
  }

  /** The assignment of the token is over. */
  end(token: string): void {
    if (token !== '') this.over.set(token, true);
  }

  /** Whether all that the offer could bring here is over, or there was a later one. */
  areAfter(offer: Offer): boolean {
    const { terms } = offer;
    if (terms === undefined) return false;
    if (this.over.has(terms.token)) return true;
    if (terms.turn === undefined) return false;
    return terms.turn.counter < (this.counters.get(keyOf(offer, terms.turn.bootId)) ?? 0);
  }
}

/** Ids are given by producers' stores: two of them may have given the same. */
function keyOf({ source, messageId }: Offer, bootId: string): string {
  return compoundKey(source.storeName, messageId, bootId);
}
