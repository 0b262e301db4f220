import { networkInterfaces, hostname } from 'node:os';
import type { Consumer } from '../../src/consumer/consumer.js';
import type { Producer } from '../../src/producer/producer.js';
import type { Store } from '../../src/store/store.js';
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

interface Claim {
  readonly name: string;
  readonly port: number;
  found: Found | undefined;
}

/**
 * What the nodes of one Node-RED process share: which stores there are, and how they are reached
 * without the network. Nodes find their store here by name, in whatever order they are deployed.
 */
class Instance {
  readonly directory = new InProcessDirectory(machineNames());
  private readonly claims = new Map<string, Claim>();
  private readonly watchers = new Map<string, Set<StoreWatcher>>();

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
    this.claims.set(name, { name, port, found: undefined });
  }

  /** The store of a claim is there: whoever waits for it is told. */
  publish(store: Store, roles: Roles, security: StoreSecurity): void {
    const claim = this.claims.get(store.name);
    if (claim === undefined) return;
    claim.found = { store, roles, security };
    for (const watcher of this.watchers.get(store.name) ?? []) watcher.arrived(store, roles);
  }

  /** The node of a claim is gone, or could not make its store. */
  release(name: string): void {
    const claim = this.claims.get(name);
    if (claim === undefined) return;
    this.claims.delete(name);
    for (const watcher of this.watchers.get(name) ?? []) watcher.left();
  }

  find(name: string): Store | undefined {
    return this.claims.get(name)?.found?.store;
  }

  /** How a store of this process proves itself to others. */
  securityOf(name: string): StoreSecurity | undefined {
    return this.claims.get(name)?.found?.security;
  }

  /** Whether a node of this flow is about to make the store. */
  isComing(name: string): boolean {
    const claim = this.claims.get(name);
    return claim !== undefined && claim.found === undefined;
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
