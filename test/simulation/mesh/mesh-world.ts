import { Consumer } from '../../../src/consumer/consumer.js';
import { NoJournal } from '../../../src/journal/none.js';
import { leadsBack, neighbourOf, rankRoutes } from '../../../src/mesh/offer-choice.js';
import { NearestFirst } from '../../../src/mesh/route-order.js';
import { MemoryPayloads } from '../../../src/payload/memory.js';
import { addressKey, type Address } from '../../../src/protocol/address.js';
import { Store } from '../../../src/store/store.js';
import { UNOBSERVED } from '../../../src/store/store-observer.js';
import { countingIds } from '../../../src/support/ids.js';
import { SILENT_LOG } from '../../../src/support/log.js';
import { type StoreClock, VirtualClock } from '../virtual-clock.js';
import { LinkNetwork } from './link-network.js';
import type { Index, Link, Topology } from './topology.js';

const PORT = '2000';
/** The consumers of these runs do nothing: routes alone matter. */
const IN_TRANSIT_LIMIT = 10;
/** Stores with one consumer of each service. */
const ADDRESSES_PER_BYTE = 250;

interface Running {
  readonly store: Store;
  readonly clock: StoreClock;
}

/** A consumer of the world: its service is its own. */
export interface Offered {
  readonly service: string;
  readonly store: Index;
  readonly consumer: Consumer;
}

/** How an offer fares that always takes the best route, and by which stores it goes. */
export interface Walk {
  readonly end: 'arrives' | 'loops' | 'stops';
  readonly stores: readonly Index[];
}

/** A thousand real stores on a virtual clock and a network of links. */
export class MeshWorld {
  readonly clock = new VirtualClock();
  readonly network: LinkNetwork;
  readonly order = new NearestFirst(this.clock);
  readonly alive: Set<Link>;
  /** Names of all services that were ever offered. */
  readonly services = new Set<string>();
  private readonly running: Running[] = [];
  private readonly byLink = new Map<string, Link>();
  private readonly indexes = new Map<string, Index>();

  constructor(readonly topology: Topology) {
    this.alive = new Set(topology.links);
    for (const link of topology.links) {
      this.byLink.set(linkKey(addressOf(link.south), addressOf(link.north)), link);
      this.byLink.set(linkKey(addressOf(link.north), addressOf(link.south)), link);
    }
    this.network = new LinkNetwork(this.clock, (from, to) => {
      const link = this.linkBetween(from, to);
      return link !== undefined && this.alive.has(link) ? link.delayMs : undefined;
    });
    for (let index = 0; index < topology.stores; index += 1) this.running.push(this.make(index));
  }

  private make(index: Index): Running {
    const address = addressOf(index);
    const clock = this.clock.forStore(0);
    const norths = this.topology.links.filter((link) => link.south === index);
    const store = new Store(
      {
        name: nameOf(index),
        address,
        southInsert: !this.topology.closedToSouth.has(index),
        balance: false,
        northPeers: norths.map(({ north, redistribute }) => ({ address: addressOf(north), redistribute })),
        allowedSources: ['10.0.0.0/8'],
        largeMessageThreshold: 25_000,
        maxMessages: 1_000,
        maxBytes: 1_000_000,
      },
      {
        clock,
        ids: countingIds(`start of ${index} `),
        log: SILENT_LOG,
        payloads: new MemoryPayloads(),
        journal: new NoJournal(),
        peers: this.network.peersOf(address),
        resolver: { resolve: async (host) => [host] },
        listen: async (answerer) => this.network.listen(address, answerer),
      },
      UNOBSERVED,
    );
    this.indexes.set(addressKey(address), index);
    return { store, clock };
  }

  /** What joins two stores: one link, or two where each is the other's north. */
  wires(): readonly (readonly Link[])[] {
    const wires = new Map<string, Link[]>();
    for (const link of this.topology.links) {
      const ends = `${Math.min(link.south, link.north)} ${Math.max(link.south, link.north)}`;
      wires.set(ends, [...(wires.get(ends) ?? []), link]);
    }
    return [...wires.values()];
  }

  async open(): Promise<void> {
    await Promise.all(this.running.map(({ store }) => store.open()));
  }

  async close(): Promise<void> {
    const closing = this.running.map(({ store }) => store.close());
    await this.clock.advance(1_000);
    await Promise.all(closing);
  }

  store(index: Index): Store {
    const running = this.running[index];
    if (running === undefined) throw new Error(`there is no store ${index}`);
    return running.store;
  }

  /** Attaches a consumer of a service of its own. */
  offer(service: string, index: Index): Offered {
    const clock = this.running[index]?.clock ?? this.clock;
    const options = { inTransitLimit: IN_TRANSIT_LIMIT, manualRead: false, reNotifyMs: 1_000 };
    const consumer = new Consumer({ id: `c of ${service}`, service, rate: undefined, ...options }, clock, {
      notified: () => undefined,
      received: () => undefined,
      failed: () => undefined,
      changed: () => undefined,
    });
    this.services.add(service);
    consumer.attach(this.store(index));
    return { service, store: index, consumer };
  }

  /**
   * A store learns by a call that fails that a link is dead: here a message passes each end of it, as
   * the confirmation of an offer does.
   */
  useLink({ south, north }: Link): void {
    for (const [at, to] of [
      [south, north],
      [north, south],
    ] as const) {
      const remaining = [hopOf(at), hopOf(to)];
      const source = { storeName: nameOf(at), address: addressOf(at) };
      void this.store(at).answer(
        {
          verb: 'confirm',
          service: 'probe',
          messageId: 'probe',
          producerId: 'probe',
          consumerId: 'probe',
          source,
          reversePath: true,
          path: remaining,
          remaining,
          hopCount: 1,
          deadlineInMs: undefined,
          token: undefined,
        },
        { remoteIp: '10.0.0.1' },
      );
    }
  }

  /** @param heedsPath as an offer does, by the very rule that stores go by: it is taken to none that it has passed */
  walk(from: Index, service: string, heedsPath: boolean): Walk {
    const stores: Index[] = [];
    const [names, keys] = [new Set<string>(), new Set<string>()];
    for (let at = from; ;) {
      if (stores.includes(at)) return { end: 'loops', stores: [...stores, at] };
      stores.push(at);
      const routes = this.store(at).engine.routes.ofService(service);
      if (routes.some((row) => row.direction === 'local')) return { end: 'arrives', stores };
      // What the offer says is where it has been before: the store that has it now is added on its way out.
      const [best] = rankRoutes(routes, {
        order: this.order,
        avoid: (row) => heedsPath && leadsBack(row, names, keys),
      });
      names.add(nameOf(at));
      keys.add(addressKey(addressOf(at)));
      const link = best === undefined ? undefined : this.linkBetween(addressOf(at), addressFrom(best));
      if (best === undefined || link === undefined || !this.alive.has(link)) return { end: 'stops', stores };
      at = this.indexOf(neighbourOf(best));
    }
  }

  indexOf(key: string): Index {
    return this.indexes.get(key) ?? -1;
  }

  linkBetween(from: Address, to: Address): Link | undefined {
    return this.byLink.get(linkKey(from, to));
  }
}

export function nameOf(index: Index): string {
  return `mesh0:s${index}`;
}

export function addressOf(index: Index): Address {
  const low = index % ADDRESSES_PER_BYTE;
  return { host: `10.0.${Math.floor(index / ADDRESSES_PER_BYTE)}.${low}`, port: PORT };
}

function addressFrom(row: { readonly viaHost: string; readonly viaPort: string }): Address {
  return { host: row.viaHost, port: row.viaPort };
}

function hopOf(index: Index) {
  return { storeName: nameOf(index), address: addressOf(index), reversePath: true };
}

function linkKey(from: Address, to: Address): string {
  return `${addressKey(from)} ${addressKey(to)}`;
}
