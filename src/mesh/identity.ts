import type { Address } from '../protocol/address.js';
import type { Capabilities } from '../protocol/verbs.js';
import type { ServicePolicy } from './service-policy.js';

/** Who this store is, as it says to others. */
export interface Identity {
  readonly storeName: string;
  readonly address: Address;
  /** Whether services that souths announce are accepted and passed on. */
  readonly southInsert: boolean;
  readonly capabilities: Capabilities;
  /** What may be said and passed on to other stores. */
  readonly policy: ServicePolicy;
}
