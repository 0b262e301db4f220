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
  /** It owes answers and does not even say that it is there: others are asked first, until it answers. */
  suspect: boolean;
  /** Only of a north: it has withdrawn a consumer of its own, as a store does before it restarts. */
  mayRestart: boolean;
  /** Changes when the peer has restarted; undefined for 3.0.5 or before the first word of it. */
  bootId: string | undefined;
  /** The peer's own name, where it said so. */
  storeName: string | undefined;
  /** Monotonic moment of its last announcement, ms; only of souths. Undefined: it has said other things, but not that. */
  announcedAt: number | undefined;
  /** Why the last call to it failed; undefined after a good one. */
  trouble: RedlinkError | undefined;
}

/** A north that cannot be reached: the name that it once said, and why, as far as known. */
export type LostNorth = Pick<Neighbour, 'key' | 'storeName' | 'trouble'>;

/** Whether a neighbour has said that it speaks more than 3.0.5 does. */
export function speaksVersion4(neighbour: Neighbour): boolean {
  return neighbour.bootId !== undefined;
}

/** Most other names of peers that are remembered: one or two per peer are usual. */
const MAX_ALIASES = 1_024;

/** Most south peers that a store keeps: a flood of announcements must not fill the memory. */
export const MAX_SOUTH_PEERS = 4_096;

/**
 * The stores around this one. Norths come from the configuration and stay; souths come and go with
 * their announcements. A peer may be both.
 */
export class Neighbours {
  /** By {@link machineKey}, as are the others. */
  private readonly norths = new Map<string, Neighbour>();
  private readonly souths = new Map<string, Neighbour>();
  private readonly byName = new Map<string, Neighbour>();
  /** Other addresses under which norths have shown up, and which were found to be the same machine. */
  private readonly aliases = new Map<string, Neighbour>();
  /** Keys of those that are suspect: mostly none. */
  private readonly suspects = new Set<string>();

  constructor(
    peers: readonly NorthPeer[],
    private readonly resolver: Resolver,
  ) {
    for (const peer of peers) {
      this.norths.set(machineKey(peer.address), newNeighbour(peer.address, 'north', peer.redistribute));
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
      this.aliases.set(machineKey(address), north);
      return;
    }
  }

  private async ipsOf(host: string): Promise<readonly string[]> {
    const ips = await this.resolver.resolve(host);
    // All loopback addresses are this machine.
    return [host, ...ips].map((ip) => (isLoopback(ip) ? LOOPBACK : ip.toLowerCase()));
  }

  findNorth(address: Address): Neighbour | undefined {
    const key = machineKey(address);
    return this.norths.get(key) ?? this.aliases.get(key);
  }

  findSouth(address: Address): Neighbour | undefined {
    return this.souths.get(machineKey(address));
  }

  /** The neighbour at an address that a path names; undefined where it is none: then nothing is sent there. */
  findAny(address: Address): Neighbour | undefined {
    return this.findNorth(address) ?? this.findSouth(address);
  }

  /** A peer has said its name. A name stays with who had it first, for as long as that one is there. */
  introduce(peer: Neighbour, storeName: string | undefined): void {
    if (storeName === undefined || storeName === peer.storeName) return;
    this.forgetName(peer);
    peer.storeName = storeName;
    if (this.byName.get(storeName)?.reachable !== true) this.byName.set(storeName, peer);
  }

  /** The neighbour that a name belongs to; undefined where no neighbour has given it. */
  findNamed(storeName: string): Neighbour | undefined {
    return this.byName.get(storeName);
  }

  /** All links to one peer: it fails on both sides at once. */
  linksTo({ address }: Neighbour): readonly Neighbour[] {
    const key = machineKey(address);
    return [this.norths.get(key), this.souths.get(key)].filter((peer) => peer !== undefined);
  }

  /** All links to a peer share the machine, and with it whether it is slow. */
  setSuspect(neighbour: Neighbour, suspect: boolean): void {
    if (neighbour.suspect === suspect) return;
    for (const link of [neighbour, ...this.linksTo(neighbour)]) {
      link.suspect = suspect;
      if (suspect) this.suspects.add(link.key);
      else this.suspects.delete(link.key);
    }
  }

  /** @param key `host:port`, as {@link Neighbour.key} */
  isSuspect(key: string): boolean {
    return this.suspects.has(key);
  }

  /** @returns the south peer, known already or new; undefined where there are too many. */
  addSouth(address: Address): Neighbour | undefined {
    const known = this.findSouth(address);
    if (known !== undefined) return known;
    if (this.souths.size >= MAX_SOUTH_PEERS) return undefined;
    const peer = newNeighbour(address, 'south', true);
    peer.reachable = true;
    this.souths.set(machineKey(address), peer);
    return peer;
  }

  /** @returns the south that now has the name of the removed one, if another store has claimed it */
  removeSouth(south: Neighbour): Neighbour | undefined {
    this.setSuspect(south, false);
    this.souths.delete(machineKey(south.address));
    return this.forgetName(south);
  }

  private forgetName(peer: Neighbour): Neighbour | undefined {
    const { storeName } = peer;
    if (storeName === undefined || this.byName.get(storeName) !== peer) return undefined;
    this.byName.delete(storeName);
    const heir = [...this.souths.values()].find((south) => south !== peer && south.storeName === storeName);
    if (heir !== undefined) this.byName.set(storeName, heir);
    return heir;
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
    suspect: false,
    mayRestart: false,
    bootId: undefined,
    storeName: undefined,
    announcedAt: undefined,
    trouble: undefined,
  };
}

const LOOPBACK = 'localhost';

/** One text for all ways to write an address: names know no case, and all of the loopback is this machine. */
function machineKey({ host, port }: Address): string {
  return addressKey({ host: isLoopback(host) ? LOOPBACK : host.toLowerCase(), port });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
