import type { Address } from '../protocol/address.js';
import { addressKey } from '../protocol/address.js';

/** A north peer as it is configured (`headers` of the store's configuration). */
export interface NorthPeer {
  readonly address: Address;
  /** Whether services learned from it are passed on to south peers. */
  readonly redistribute: boolean;
}

export type Side = 'north' | 'south';

/** A store that this store talks to directly. */
export interface Neighbour {
  /** `host:port`, as this store posts to it. */
  readonly key: string;
  /** One for each link: a peer that is both north and south of this store has two. */
  readonly link: string;
  readonly address: Address;
  readonly side: Side;
  /** Only of a north: whether its services are passed on to souths. */
  readonly redistribute: boolean;
  /** False from a failed call until the next good one. */
  reachable: boolean;
  /** Changes when the peer has restarted; undefined for 3.0.5 or before the first word of it. */
  bootId: string | undefined;
  /** The peer's own name, where it said so. */
  storeName: string | undefined;
  /** Monotonic moment of its last announcement, ms; only of souths. */
  announcedAt: number;
}

/** Most south peers that a store keeps: a flood of announcements must not fill the memory. */
export const MAX_SOUTH_PEERS = 4_096;

/**
 * The stores around this one. Norths come from the configuration and stay; souths come and go with
 * their announcements. A peer may be both.
 */
export class Neighbours {
  private readonly norths = new Map<string, Neighbour>();
  private readonly souths = new Map<string, Neighbour>();
  /** IP addresses behind configured names, so that a peer is known under either (WIRE 3). */
  private readonly resolved = new Map<string, ReadonlySet<string>>();

  constructor(peers: readonly NorthPeer[]) {
    for (const peer of peers) {
      const key = addressKey(peer.address);
      this.norths.set(key, newNeighbour(peer.address, 'north', peer.redistribute));
    }
  }

  north(): IterableIterator<Neighbour> {
    return this.norths.values();
  }

  south(): IterableIterator<Neighbour> {
    return this.souths.values();
  }

  *all(): IterableIterator<Neighbour> {
    yield* this.norths.values();
    yield* this.souths.values();
  }

  /** Names of configured norths that cannot be reached now. */
  lostNorths(): readonly string[] {
    return [...this.norths.values()].filter((peer) => !peer.reachable).map((peer) => peer.key);
  }

  /** Notes what a configured host name resolves to. */
  noteResolved(host: string, ips: readonly string[]): void {
    this.resolved.set(host, new Set(ips));
  }

  findNorth(address: Address): Neighbour | undefined {
    return this.find(this.norths, address);
  }

  findSouth(address: Address): Neighbour | undefined {
    return this.find(this.souths, address);
  }

  /** The neighbour at an address that a path names; undefined where it is none: then nothing is sent there. */
  findAny(address: Address): Neighbour | undefined {
    return this.findNorth(address) ?? this.findSouth(address);
  }

  /** All links to one peer: it fails on both sides at once. */
  linksTo(key: string): readonly Neighbour[] {
    return [this.norths.get(key), this.souths.get(key)].filter((peer) => peer !== undefined);
  }

  /** @returns the south peer, and whether it is new; undefined where there are too many already. */
  addSouth(address: Address, now: number): { peer: Neighbour; isNew: boolean } | undefined {
    const known = this.souths.get(addressKey(address));
    if (known !== undefined) return { peer: known, isNew: false };
    if (this.souths.size >= MAX_SOUTH_PEERS) return undefined;
    const peer = newNeighbour(address, 'south', true);
    peer.reachable = true;
    peer.announcedAt = now;
    this.souths.set(peer.key, peer);
    return { peer, isNew: true };
  }

  removeSouth(key: string): void {
    this.souths.delete(key);
  }

  private find(peers: Map<string, Neighbour>, address: Address): Neighbour | undefined {
    const exact = peers.get(addressKey(address));
    if (exact !== undefined) return exact;
    for (const peer of peers.values()) {
      if (peer.address.port === address.port && this.sameHost(peer.address.host, address.host)) return peer;
    }
    return undefined;
  }

  private sameHost(configured: string, other: string): boolean {
    if (configured.toLowerCase() === other.toLowerCase()) return true;
    if (isLoopback(configured) && isLoopback(other)) return true;
    return this.resolved.get(configured)?.has(other) ?? false;
  }
}

function newNeighbour(address: Address, side: Side, redistribute: boolean): Neighbour {
  return {
    key: addressKey(address),
    link: `${side} ${addressKey(address)}`,
    address,
    side,
    redistribute,
    reachable: false,
    bootId: undefined,
    storeName: undefined,
    announcedAt: 0,
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
