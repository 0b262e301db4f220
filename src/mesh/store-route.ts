import type { Address } from '../protocol/address.js';
import type { Advertise } from '../protocol/verbs.js';

/**
 * What stands for the consumer in an advertisement of a store itself. Node-RED gives no node such an
 * id, and only stores that speak version 4 are told (docs/PROTOCOL.md, "What version 4 adds").
 */
export const STORE_ITSELF = '(store)';

/** Whether an advertisement is about a store, and not about a consumer. */
export function isOfStore(advert: Advertise): boolean {
  return advert.consumerId === STORE_ITSELF;
}

/** A way to a store: the neighbour to send to, and the names of the stores after it, the destination first. */
export interface StoreRoute {
  readonly to: Address;
  readonly stores: readonly string[];
}
