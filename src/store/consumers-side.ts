import type { Engine } from '../engine/engine.js';
import type { Inbox } from './inbox.js';
import type { LargePayloads } from './large-payloads.js';
import { LeaseKeeper } from './lease-keeper.js';
import type { StorePorts } from './options.js';
import { LeaseReturns } from './lease-returns.js';
import { ReadConfirmation } from './read-confirmation.js';
import { ReplyCourier } from './reply-courier.js';
import type { StoreJournal } from './store-journal.js';
import type { WayHome } from './way-home.js';

/** The parts of a store that act for its consumers towards the producers' stores. */
export interface ConsumersSide {
  readonly confirmation: ReadConfirmation;
  readonly leaseKeeper: LeaseKeeper;
  readonly leaseReturns: LeaseReturns;
  readonly courier: ReplyCourier;
}

/** What they are made with. */
export interface ConsumersSideBasis {
  readonly storeName: string;
  readonly engine: Engine;
  readonly inbox: Inbox;
  readonly large: LargePayloads;
  readonly wayHome: WayHome;
  readonly journal: StoreJournal;
  readonly ports: StorePorts;
}

/** Makes the consumers' side of a store. */
export function assembleConsumersSide(basis: ConsumersSideBasis): ConsumersSide {
  const { storeName, engine, inbox, large, wayHome, journal, ports } = basis;
  const { clock, log } = ports;
  return {
    confirmation: new ReadConfirmation(storeName, wayHome, clock, (consumerId) => inbox.room(consumerId)),
    leaseKeeper: new LeaseKeeper(storeName, engine, wayHome, clock, log, (messageId) => {
      inbox.expire(messageId);
    }),
    leaseReturns: new LeaseReturns(storeName, wayHome, clock, log),
    courier: new ReplyCourier({ storeName, inbox, payloads: large, wayHome, journal, clock, log }),
  };
}
