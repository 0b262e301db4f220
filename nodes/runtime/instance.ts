import { networkInterfaces, hostname } from 'node:os';
import type { Consumer } from '../../src/consumer/consumer.js';
import type { Producer } from '../../src/producer/producer.js';
import type { Handover } from '../../src/store/handover.js';
import type { Store } from '../../src/store/store.js';
import { Successors } from './successors.js';
import type { StoreSecurity } from './store-security.js';
import { RedlinkError } from '../../src/support/errors.js';
import { InProcessDirectory } from '../../src/transport/in-process.js';

/** The roles' classes: loaded with the first store, because without one nobody needs them. */
export interface Roles {
  readonly Producer: typeof Producer;
  readonly Consumer: typeof Consumer;
}

/** Who waits for a store to be there: producers and consumers. */
export interface StoreWatcher {
  arrived(store: Store, roles: Roles): void;
  left(): void;
}

/** A store that is there. */
export interface Found {
  readonly store: Store;
  readonly roles: Roles;
  readonly security: StoreSecurity;
}

/** What a deploy ends. */
export interface Ending {
  /** Whether it ends that node in that flow. */
  ends(id: string, flow: string): boolean;
}

/** A full deploy, or the end of Node-RED. */
export const EVERYTHING: Ending = { ends: () => true };

/** There is no deploy. */
const NOTHING: Ending = { ends: () => false };

interface Claim {
  readonly name: string;
  readonly port: number;
  found: Found | undefined;
  /** Why the store is not coming for now; it is tried again. */
  troubled: boolean;
}

/**
 * What the nodes of one Node-RED process share: which stores there are, and how they are reached
 * without the network. Nodes find their store here by name, in whatever order they are deployed.
 */
class Instance {
  readonly directory = new InProcessDirectory(machineNames());
  readonly successors = new Successors();
  private readonly claims = new Map<string, Claim>();
  private readonly watchers = new Map<string, Set<StoreWatcher>>();
  /** What stores that were closed by a deploy have left to their next life. */
  private readonly handovers = new Map<string, Handover>();
  /** Consumers that have left while their store was away, by store. */
  private readonly lostConsumers = new Map<string, Set<string>>();
  /** Stores that the deploy going on right now has ended, and may make anew. */
  private readonly mayReturn = new Set<string>();
  /** Whether the deploy that ends nodes right now leaves all others running, so that their flows go on. */
  flowsGoOn = false;
  /** What the deploy ends that is going on right now. */
  ending: Ending = NOTHING;

  /**
   * Takes name and port for a store node; it goes on to make its store.
   * @throws RedlinkError `DUPLICATE_STORE` where another node has either.
   */
  claim(name: string, port: number): void {
    if (this.claims.has(name)) {
      throw new RedlinkError('DUPLICATE_STORE', `duplicate name ${name}`);
    }
    for (const other of this.claims.values()) {
      if (other.port === port) {
        throw new RedlinkError('DUPLICATE_STORE', `port ${port} is used by ${other.name}`);
      }
    }
    this.claims.set(name, { name, port, found: undefined, troubled: false });
    this.mayReturn.delete(name);
  }

  /** The store of a claim is there: whoever waits for it is told. */
  publish(store: Store, roles: Roles, security: StoreSecurity): void {
    const claim = this.claims.get(store.name);
    if (claim === undefined) return;
    claim.found = { store, roles, security };
    claim.troubled = false;
    for (const watcher of this.watchers.get(store.name) ?? []) watcher.arrived(store, roles);
  }

  /** The node of a claim is gone, or could not make its store. */
  release(name: string): void {
    const claim = this.claims.get(name);
    if (claim === undefined) return;
    this.claims.delete(name);
    if (this.ending !== NOTHING) this.mayReturn.add(name);
    for (const watcher of this.watchers.get(name) ?? []) watcher.left();
  }

  /** The store of a claim is not there yet, and may not be for long: whoever waits for it is told. */
  notComing(name: string): void {
    const claim = this.claims.get(name);
    if (claim === undefined || claim.troubled) return;
    claim.troubled = true;
    for (const watcher of this.watchers.get(name) ?? []) watcher.left();
  }

  /** What a store that was closed leaves to its next life in this process. */
  handOver(name: string, handover: Handover): void {
    this.handovers.set(name, handover);
  }

  /** What the last life of a store in this process has left; undefined after a start of the process. */
  takeHandover(name: string): Handover | undefined {
    const handover = this.handovers.get(name);
    this.handovers.delete(name);
    for (const consumerId of this.lostConsumers.get(name) ?? []) handover?.loseConsumer(consumerId);
    this.lostConsumers.delete(name);
    return handover;
  }

  /** A consumer has left the flow, and its flow with it, while its store is away. */
  consumerLost(storeName: string, consumerId: string): void {
    const lost = this.lostConsumers.get(storeName) ?? new Set();
    this.lostConsumers.set(storeName, lost.add(consumerId));
  }

  /** A deploy begins to end nodes. @param goOn whether all others run on, so that their flows go on */
  beginDeploy(ending: Ending, goOn: boolean): void {
    this.flowsGoOn = goOn;
    this.ending = ending;
    this.mayReturn.clear();
  }

  /** All nodes of a deploy are there: what no store has taken over, none will. @returns names of stores that are gone, and how many messages each had in memory alone */
  endDeploy(): readonly { readonly name: string; readonly messages: number }[] {
    this.flowsGoOn = false;
    this.ending = NOTHING;
    const stayAway = [...this.mayReturn];
    this.mayReturn.clear();
    for (const name of stayAway) for (const watcher of this.watchers.get(name) ?? []) watcher.left();
    const gone = [...this.handovers]
      .filter(([name]) => !this.claims.has(name))
      .map(([name, handover]) => ({ name, messages: handover.recordsOf('message').length }));
    for (const { name } of gone) this.handovers.delete(name);
    for (const name of this.lostConsumers.keys()) {
      if (!this.claims.has(name)) this.lostConsumers.delete(name);
    }
    return gone;
  }

  find(name: string): Store | undefined {
    return this.claims.get(name)?.found?.store;
  }

  /** How a store of this process proves itself to others. */
  securityOf(name: string): StoreSecurity | undefined {
    return this.claims.get(name)?.found?.security;
  }

  /** Whether a node of this flow is about to make the store, or may be in the deploy that has just ended it. */
  isComing(name: string): boolean {
    const claim = this.claims.get(name);
    if (claim === undefined) return this.mayReturn.has(name);
    return claim.found === undefined && !claim.troubled;
  }

  names(): string[] {
    return [...this.claims.values()].filter((claim) => claim.found !== undefined).map((claim) => claim.name);
  }

  /** Calls `watcher` now if the store is there, and at each coming and going. @returns how to stop. */
  watch(name: string, watcher: StoreWatcher): () => void {
    const watchers = this.watchers.get(name) ?? new Set();
    this.watchers.set(name, watchers);
    watchers.add(watcher);
    const found = this.claims.get(name)?.found;
    if (found !== undefined) watcher.arrived(found.store, found.roles);
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0 && this.watchers.get(name) === watchers) this.watchers.delete(name);
    };
  }
}

function machineNames(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  return [hostname(), ...addresses.map((found) => found.address)];
}

/** The one of this process. */
export const instance = new Instance();
