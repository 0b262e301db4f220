import type { NotifyRow } from '../engine/rows.js';
import type { Hop, Offer } from '../protocol/verbs.js';
import { pathOf } from './way-home.js';

/**
 * Whether a message that was accepted comes again by another way, and unread: its first way died before the producer's
 * store was told of the acceptance, and it is to be asked for by the new one. What comes again by the same way, or was
 * read, is known and refused (WIRE 4).
 * @param stores those that the offer passed; this store is not among them
 */
export function takesAnotherWay(accepted: NotifyRow, stores: readonly Hop[]): boolean {
  if (accepted.state !== 'waiting' && accepted.state !== 'reading') return false;
  const came = pathOf(accepted).slice(0, -1);
  return came.length !== stores.length || came.some((hop, at) => hop.storeName !== stores[at]?.storeName);
}

/**
 * Whether an offer of a message that was accepted before is to be accepted again: it was repeated word for word, because
 * its answer was lost; or its producer's store has given up the first one, and says so by new terms.
 */
export function isAnotherTry(accepted: NotifyRow, { terms, path }: Offer): boolean {
  if (terms === undefined) return takesAnotherWay(accepted, path);
  return terms.token === accepted.token || accepted.state === 'waiting' || accepted.state === 'reading';
}
