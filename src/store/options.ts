import type { Journal } from '../journal/port.js';
import type { NorthPeer } from '../mesh/neighbours.js';
import type { ServiceLists } from '../mesh/service-policy.js';
import type { PayloadStore } from '../payload/port.js';
import type { Address } from '../protocol/address.js';
import type { Clock } from '../support/clock.js';
import type { Ids } from '../support/ids.js';
import type { Log } from '../support/log.js';
import type { Resolver } from '../support/resolver.js';
import type { Answerer, Listener, Peers } from '../transport/port.js';

/** How a store is set up. Defaults are the node's business (NODES.md). */
export interface StoreOptions {
  /** `mesh:store`. */
  readonly name: string;
  /** What the store advertises; others send there. */
  readonly address: Address;
  readonly southInsert: boolean;
  /** `interStoreLB`: offers go to the least loaded consumer rather than the nearest. */
  readonly balance: boolean;
  readonly northPeers: readonly NorthPeer[];
  /** CIDR ranges that may talk to the store, and that it talks to where a message says so. */
  readonly allowedSources: readonly string[];
  /** Characters of codec text over which a payload goes to disk. */
  readonly largeMessageThreshold: number;
  /** Which services may be offered, produced to and carried on; without it: all. */
  readonly services?: ServiceLists;
  readonly maxMessages: number;
  /** Bytes, payloads on disk included. */
  readonly maxBytes: number;
}

/** What a store needs from the outside. */
export interface StorePorts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly payloads: PayloadStore;
  /** What survives the process; not open yet. */
  readonly journal: Journal;
  readonly peers: Peers;
  readonly resolver: Resolver;
  /** Opens the listener. @throws RedlinkError `LISTEN_FAILED` */
  readonly listen: (answerer: Answerer) => Promise<Listener>;
}
