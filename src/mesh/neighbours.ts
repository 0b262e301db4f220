import type { Address } from '../protocol/address.js';
import { addressKey } from '../protocol/address.js';
import type { RedlinkError } from '../support/errors.js';
import type { Resolver } from '../support/resolver.js';

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
  /** Only of a north: it has withdrawn a consumer of its own, as a store does before it restarts. */
  mayRestart: boolean;
  /** Changes when the peer has restarted; undefined for 3.0.5 or before the first word of it. */
  bootId: string | undefined;
  /** The peer's own name, where it said so. */
  storeName: string | undefined;
  /** Monotonic moment of its last announcement, ms; only of souths. */
  announcedAt: number;
  /** Why the last call to it failed; undefined after a good one. */
  trouble: RedlinkError | undefined;
}

/** A north that cannot be reached: the name that it once said, and why, as far as known. */
export type LostNorth = Pick<Neighbour, 'key' | 'storeName' | 'trouble'>;

/** Most other names of peers that are remembered: one or two per peer are usual. */
const MAX_ALIASES = 1_024;

/** Most south peers that a store keeps: a flood of announcements must not fill the memory. */
export const MAX_SOUTH_PEERS = 4_096;

/**
 * The stores around this one. Norths come from the configuration and stay; souths come and go with
 * their announcements. A peer may be both.
 */
export class Neighbours {
  private readonly norths = new Map<string, Neighbour>();
  private readonly souths = new Map<string, Neighbour>();
  /** Other addresses under which norths have shown up, and which were found to be the same machine. */
  private readonly aliases = new Map<string, Neighbour>();

  constructor(
    peers: readonly NorthPeer[],
    private readonly resolver: Resolver,
  ) {
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

  /** Configured norths that cannot be reached now. */
  lostNorths(): readonly LostNorth[] {
    return [...this.norths.values()].filter((peer) => !peer.reachable);
  }

  /**
   * Finds out whether an address that a peer gave for itself is that of a configured north under
   * another name (WIRE 3: "a configured name also matches by its resolved address"). Names are looked up
   * only where the port is that of a north: nobody can make this store ask for names of his choice.
   */
  async recognise(address: Address): Promise<void> {
    if (this.findAny(address) !== undefined) return;
    const candidates = [...this.norths.values()].filter((north) => north.address.port === address.port);
    if (candidates.length === 0 || this.aliases.size >= MAX_ALIASES) return;
    const ips = await this.ipsOf(address.host);
    for (const north of candidates) {
      const own = await this.ipsOf(north.address.host);
      if (!own.some((ip) => ips.includes(ip))) continue;
      this.aliases.set(addressKey(address), north);
      return;
    }
  }

  private async ipsOf(host: string): Promise<readonly string[]> {
    const ips = await this.resolver.resolve(host);
    // All loopback addresses are this machine.
    return [host, ...ips].map((ip) => (isLoopback(ip) ? LOOPBACK : ip.toLowerCase()));
  }

  findNorth(address: Address): Neighbour | undefined {
    return this.find(this.norths, address) ?? this.aliases.get(addressKey(address));
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
      if (peer.address.port === address.port && sameHost(peer.address.host, address.host)) return peer;
    }
    return undefined;
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
    mayRestart: false,
    bootId: undefined,
    storeName: undefined,
    announcedAt: 0,
    trouble: undefined,
  };
}

const LOOPBACK = 'localhost';

function sameHost(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase() || (isLoopback(one) && isLoopback(other));
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
