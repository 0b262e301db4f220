import type { NotifyRow } from '../engine/rows.js';
import type { Neighbour } from '../mesh/neighbours.js';
import type { FailureSink } from '../mesh/offer-ports.js';
import type { NextHop, WayBack } from '../mesh/way-back.js';
import type { Neighbours } from '../mesh/neighbours.js';
import type { Address } from '../protocol/address.js';
import type { AnswerTo, Hop, Read, Renew, Reply, Taken, Verb } from '../protocol/verbs.js';
import type { Peers } from '../transport/port.js';
import type { AddressRanges } from '../support/address-ranges.js';
import { FartherOnError, RedlinkError } from '../support/errors.js';
import { BoundedMemory } from '../support/bounded-memory.js';
import type { Resolver } from '../support/resolver.js';
import { isIP, isIPv4 } from 'node:net';

/** What travels from a consumer's store to the producer's. */
export type Homeward = Read | Reply | Taken | Renew;

type Unaddressed<V extends Homeward> = Omit<V, 'verb' | 'path'>;

/** What ways are found with, and what happens on them. */
export interface Ways {
  readonly wayBack: WayBack;
  readonly neighbours: Neighbours;
  readonly peers: Peers;
  readonly failures: FailureSink;
}

/** Where a read or a reply goes first. */
interface Start {
  readonly to: Address;
  /** Undefined for a producer's store that is no neighbour. */
  readonly neighbour: Neighbour | undefined;
  readonly path: Homeward['path'];
}

/** The producer's side of this very store. */
export interface Home {
  read(request: Read): Promise<AnswerTo['read']>;
  taken(taken: Taken): Promise<AnswerTo['taken']>;
  renew(renew: Renew): AnswerTo['renew'];
  reply(reply: Reply): Promise<AnswerTo['reply']>;
}

/** Takes what this store's consumers ask and answer to the producers' stores (WIRE 6). */
export class WayHome {
  constructor(
    private readonly ownName: string,
    private readonly ways: Ways,
    private readonly home: Home,
    private readonly allowed: AddressRanges,
    private readonly resolver: Resolver,
  ) {}

  /** @throws RedlinkError `PEER_*`, `REFUSED_ADDRESS` */
  async read(row: NotifyRow, request: Unaddressed<Read>): Promise<AnswerTo['read']> {
    return this.send(
      row,
      (path) => ({ verb: 'read', ...request, path }),
      (here) => this.home.read(here),
    );
  }

  /** @throws RedlinkError `PEER_*`, `REFUSED_ADDRESS` */
  async taken(row: NotifyRow, taken: Unaddressed<Taken>): Promise<AnswerTo['taken']> {
    return this.send(
      row,
      (path) => ({ verb: 'taken', ...taken, path }),
      (here) => this.home.taken(here),
    );
  }

  /** @param row any of those that are held: they have all come the same way. @throws RedlinkError `PEER_*`, `REFUSED_ADDRESS` */
  async renew(row: NotifyRow, renew: Unaddressed<Renew>): Promise<AnswerTo['renew']> {
    return this.send(
      row,
      (path) => ({ verb: 'renew', ...renew, path }),
      async (here) => this.home.renew(here),
    );
  }

  /** @throws RedlinkError `PEER_*`, `REFUSED_ADDRESS` */
  async reply(row: NotifyRow, reply: Unaddressed<Reply>): Promise<AnswerTo['reply']> {
    return this.send(
      row,
      (path) => ({ verb: 'reply', ...reply, path }),
      (here) => this.home.reply(here),
    );
  }

  private async send<V extends Homeward & Verb>(
    row: NotifyRow,
    verb: (path: readonly Hop[]) => V,
    atHome: (verb: V) => Promise<AnswerTo[V['verb']]>,
  ): Promise<AnswerTo[V['verb']]> {
    const next = await this.begin(row);
    if (next === 'here') return atHome(verb([]));
    return this.carry(next, verb(next.path));
  }

  /** A neighbour that cannot be reached is reported: the next try goes another way, if there is one. */
  private async carry<V extends Homeward>({ to, neighbour }: Start, verb: V): Promise<AnswerTo[V['verb']]> {
    try {
      return await this.ways.peers.call(to, verb);
    } catch (error) {
      if (neighbour !== undefined) reportUnreachable(this.ways.failures, neighbour, error);
      throw error;
    }
  }

  private async begin(row: NotifyRow): Promise<'here' | Start> {
    const path = pathOf(row);
    const before = path.at(-2);
    if (before !== undefined) await this.ways.neighbours.recognise(before.address);
    const next = this.ways.wayBack.begin(path);
    switch (next.kind) {
      case 'here':
        return 'here';
      case 'onward':
        return { to: next.neighbour.address, neighbour: next.neighbour, path: next.path };
      case 'refused':
        throw refusal(next);
      case 'direct':
        return { to: await this.allowedAddress(next.to), neighbour: undefined, path: [] };
    }
  }

  /**
   * SECURITY: straight to a store that is no neighbour only within the ranges allowed for this store. What was
   * looked up here is what is asked: a name may lead elsewhere the next time.
   */
  private async allowedAddress(to: Address): Promise<Address> {
    const ips = isIP(to.host) === 0 ? await this.resolver.resolve(to.host) : [to.host];
    const ip = ips.find(isIPv4) ?? ips[0];
    if (ip !== undefined && ips.every((one) => this.allowed.includes(one)))
      return { host: ip, port: to.port };
    throw new RedlinkError(
      'REFUSED_ADDRESS',
      `${to.host} is not in the ranges allowed for store ${this.ownName}`,
    );
  }
}

/** Notes that a neighbour is away, unless the failure is that of a store farther on. */
export function reportUnreachable(failures: FailureSink, neighbour: Neighbour, error: unknown): void {
  if (error instanceof FartherOnError) return;
  if (error instanceof RedlinkError && error.code === 'PEER_UNREACHABLE') {
    failures.neighbourFailed(neighbour, error);
  }
}

/** Ways that are kept parsed: all messages from one store usually come the same way. */
const KEPT_WAYS = 256;

const ways = new BoundedMemory<readonly Hop[]>(KEPT_WAYS);

/** The stores that a notify passed. */
export function pathOf(row: NotifyRow): readonly Hop[] {
  const kept = ways.get(row.path);
  if (kept !== undefined) return kept;
  const parsed: unknown = JSON.parse(row.path);
  const path = Array.isArray(parsed) ? parsed.filter(isHop) : [];
  ways.set(row.path, path);
  return path;
}

function isHop(value: unknown): value is Hop {
  return typeof value === 'object' && value !== null && 'storeName' in value && 'address' in value;
}

/** The store was a neighbour when the notify came that way, and may be one again: worth another try. */
function refusal(next: Extract<NextHop, { kind: 'refused' }>): RedlinkError {
  return new RedlinkError('PEER_UNREACHABLE', next.why);
}
