import { SILENT_LOG } from '../../src/support/log.js';
import { countingIds } from '../../src/support/ids.js';
import { NoJournal } from '../../src/journal/none.js';
import { MemoryPayloads } from '../../src/payload/memory.js';
import type { Consumer } from '../../src/consumer/consumer.js';
import type { Producer } from '../../src/producer/producer.js';
import { Store } from '../../src/store/store.js';
import { UNOBSERVED } from '../../src/store/store-observer.js';
import type { Address } from '../../src/protocol/address.js';
import type { SimulatedNetwork } from './network.js';
import { LARGE_THRESHOLD } from './payloads.js';
import type { Sabotage } from './sabotage.js';
import type { ConsumerPlan, Index, StorePlan } from './scenario.js';
import type { StoreClock } from './virtual-clock.js';

const PORT = '2000';
/** More than any scenario sends: being full is another test's business. */
const ROOMY = { maxMessages: 10_000, maxBytes: 100_000_000 };

/** A consumer that is attached. */
export interface Attached {
  readonly plan: ConsumerPlan;
  /** Counts up with each attachment of any consumer. */
  readonly attachment: number;
  readonly consumer: Consumer;
}

/** A store that is up, and the flows at it. */
export interface Running {
  readonly store: Store;
  readonly clock: StoreClock;
  readonly payloads: MemoryPayloads;
  readonly producers: Map<string, Producer>;
  readonly consumers: Map<string, Attached>;
}

/** Where a store is reached. */
export function addressOf(index: Index): Address {
  return { host: `10.0.0.${index}`, port: PORT };
}

/**
 * Puts a store together on the simulation's ports. It is not open yet.
 * @param start differs for each start of any store, as a boot id does.
 */
export function makeStore(
  plan: StorePlan,
  index: Index,
  start: number,
  clock: StoreClock,
  network: SimulatedNetwork,
  sabotage: Sabotage,
): Running {
  const payloads = new MemoryPayloads();
  const connection = network.join(addressOf(index), { modern: plan.modern, payloads });
  const store: Store = new Store(
    {
      name: plan.name,
      address: addressOf(index),
      southInsert: plan.southInsert,
      balance: plan.interStoreLB,
      northPeers: plan.norths.map(({ store: north, redistribute }) => ({
        address: addressOf(north),
        redistribute,
      })),
      allowedSources: ['10.0.0.0/8'],
      largeMessageThreshold: LARGE_THRESHOLD,
      ...ROOMY,
    },
    {
      clock,
      ids: countingIds(`start${start}`),
      log: SILENT_LOG,
      payloads,
      journal: new NoJournal(),
      peers: connection.peers,
      resolver: { resolve: async (host) => [host] },
      listen: async (answerer) => connection.listen(sabotage.answererOf?.(store) ?? answerer),
    },
    UNOBSERVED,
  );
  return { store, clock, payloads, producers: new Map(), consumers: new Map() };
}
