import { Engine } from '../engine/engine.js';
import type { NotifyRow, RouteRow } from '../engine/rows.js';
import { Advertiser } from '../mesh/advertiser.js';
import { consumerKey } from '../mesh/consumer-key.js';
import { Neighbours, type Neighbour, type NorthPeer } from '../mesh/neighbours.js';
import { OfferPump } from '../mesh/offer-pump.js';
import { OfferRelay } from '../mesh/offer-relay.js';
import { Routes } from '../mesh/routes.js';
import type { PayloadStore } from '../payload/port.js';
import type { Address } from '../protocol/address.js';
import type { Advertise, AnswerTo, Capabilities, Hop, MessageMeta, Verb } from '../protocol/verbs.js';
import type { Answerer, Listener, Peers, Sender } from '../transport/port.js';
import { AddressRanges } from '../support/address-ranges.js';
import type { Clock } from '../support/clock.js';
import { DeadlineHeap } from '../support/deadline-heap.js';
import { describe, RedlinkError, type ErrorCode } from '../support/errors.js';
import type { Ids } from '../support/ids.js';
import type { Log } from '../support/log.js';
import type { Resolver } from '../support/resolver.js';
import type {
  AttachedConsumer,
  AttachedProducer,
  DeliveredReply,
  FetchedMessage,
  MessageEnd,
  NewMessage,
  ProducerCounts,
  Serialised,
  StoreForConsumer,
  StoreForProducer,
} from './contract.js';
import { Inbox } from './inbox.js';
import { LargePayloads } from './large-payloads.js';
import { Outbox } from './outbox.js';
import { ReplyCourier } from './reply-courier.js';
import type { StoreObserver } from './store-observer.js';
import { pathOf, WayHome } from './way-home.js';
import { VerbAnswerer } from './verb-answerer.js';

/** Protocol version that this release speaks; 3.0.5 speaks 3. */
export const PROTOCOL_VERSION = 4;

/** How long a closing store tries to tell its neighbours that its consumers are gone, ms. */
const FAREWELL_MS = 300;

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
  readonly peers: Peers;
  readonly resolver: Resolver;
  /** Opens the listener. @throws RedlinkError `LISTEN_FAILED` */
  readonly listen: (answerer: Answerer) => Promise<Listener>;
}

/** A store: the parts put together, and the one interface that producers, consumers and peers call. */
export class Store implements StoreForProducer, StoreForConsumer, Answerer {
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly engine: Engine;
  private readonly neighbours: Neighbours;
  private readonly routes: Routes;
  private readonly deadlines: DeadlineHeap;
  private readonly outbox: Outbox;
  private readonly inbox: Inbox;
  private readonly pump: OfferPump;
  private readonly advertiser: Advertiser;
  private readonly courier: ReplyCourier;
  private readonly wayHome: WayHome;
  private readonly answerer: VerbAnswerer;
  private listener: Listener | undefined;
  private state: 'new' | 'open' | 'closed' = 'new';

  /** @throws RedlinkError `BAD_CONFIGURATION` where an allowed range is none. */
  constructor(
    private readonly options: StoreOptions,
    private readonly ports: StorePorts,
    private readonly observer: StoreObserver,
  ) {
    const { clock, ids, log, payloads, peers } = ports;
    this.name = options.name;
    this.capabilities = { version: PROTOCOL_VERSION, bootId: ids.next(), storeName: options.name };
    this.engine = new Engine(log);
    this.engine.store.insert({
      storeName: options.name,
      storeHost: options.address.host,
      storePort: options.address.port,
    });
    const allowed = new AddressRanges(options.allowedSources);
    const hop: Omit<Hop, 'reversePath'> = { storeName: options.name, address: options.address };
    const self = { storeName: options.name, hop };
    const large = new LargePayloads(payloads, options.largeMessageThreshold, log);

    this.deadlines = new DeadlineHeap(clock, (error, key) => {
      log.error(`the deadline "${key}" failed: ${describe(error)}`);
    });
    this.neighbours = new Neighbours(options.northPeers);
    this.routes = new Routes(this.engine.routes, options.name, clock);
    this.inbox = new Inbox(this.engine, this.deadlines, clock, {
      roomFreed: (service) => {
        this.pump.wake(service);
      },
    });
    this.outbox = new Outbox(
      options.name,
      this.engine,
      payloads,
      large,
      this.deadlines,
      { maxMessages: options.maxMessages, maxBytes: options.maxBytes },
      clock,
      log,
      {
        messageEnded: (messageId) => {
          this.inbox.expire(messageId);
        },
      },
    );
    this.advertiser = new Advertiser(
      {
        storeName: options.name,
        address: options.address,
        southInsert: options.southInsert,
        capabilities: this.capabilities,
      },
      this.neighbours,
      this.routes,
      peers,
      clock,
      log,
      {
        localAdvertised: (advert: Advertise) => {
          observer.localAdvertised(advert);
        },
        routeLearned: (service: string) => {
          this.pump.wake(service);
          observer.changed();
        },
        routesRemoved: (rows: readonly RouteRow[]) => {
          this.routesRemoved(rows);
        },
        peerLost: (neighbour: Neighbour, rows: readonly RouteRow[]) => {
          observer.peerLost(neighbour, rows);
          observer.changed();
        },
        peerBack: () => {
          observer.changed();
        },
      },
    );
    this.pump = new OfferPump(
      { self, balance: options.balance },
      this.outbox,
      this.inbox,
      this.routes,
      this.neighbours,
      peers,
      this.advertiser,
      clock,
      log,
      (row) => {
        observer.offered(row);
      },
    );
    this.wayHome = new WayHome(options.name, this.neighbours, peers, this.outbox, allowed, ports.resolver);
    this.courier = new ReplyCourier(options.name, this.inbox, large, this.wayHome, clock, log);
    const relay = new OfferRelay(
      self,
      options.balance,
      this.inbox,
      this.routes,
      this.neighbours,
      peers,
      this.advertiser,
    );
    this.answerer = new VerbAnswerer(
      { advertiser: this.advertiser, offers: relay, home: this.outbox },
      this.routes,
      this.neighbours,
      peers,
      allowed,
      (service) => {
        this.pump.wake(service);
      },
    );
    this.engine.messages.onReady((service) => {
      this.pump.messageReady(service);
    });
  }

  /**
   * Opens the listener and joins the mesh.
   * @throws RedlinkError `LISTEN_FAILED`, `PAYLOAD_IO`
   */
  async open(): Promise<void> {
    await this.ports.payloads.sweep(new Set());
    const listener = await this.ports.listen(this);
    if (this.state === 'closed') {
      await listener.close();
      return;
    }
    this.listener = listener;
    this.state = 'open';
    this.resolveNorths();
    this.advertiser.start();
    this.observer.changed();
  }

  /** Leaves the mesh and gives everything back: listener, timers, tables. Takes less than a second. */
  async close(): Promise<void> {
    if (this.state === 'closed') return;
    const wasOpen = this.state === 'open';
    this.state = 'closed';
    if (wasOpen) await this.farewell();
    this.pump.close();
    this.advertiser.close();
    this.courier.close();
    this.deadlines.close();
    await this.listener?.close();
    this.engine.close();
  }

  // --- for producers ----------------------------------------------------------------------------

  attachProducer(producer: AttachedProducer): void {
    this.outbox.attach(producer);
  }

  detachProducer(producer: AttachedProducer): void {
    this.outbox.detach(producer);
  }

  knows(service: string): boolean {
    return this.routes.ofService(service).length > 0;
  }

  accept(message: NewMessage): Promise<void> | undefined {
    if (this.state === 'closed') throw new RedlinkError('CLOSED', `Store ${this.name} is closed`);
    return this.outbox.accept(message);
  }

  peekReply(producerId: string, messageId: string | undefined): DeliveredReply | undefined {
    return this.outbox.peekReply(producerId, messageId);
  }

  finishReply(messageId: string): void {
    this.outbox.finishReply(messageId);
  }

  failReply(messageId: string, code: ErrorCode): void {
    this.outbox.failReply(messageId, code);
  }

  releaseFailed(messageId: string): void {
    this.outbox.releaseFailed(messageId);
  }

  counts(producerId: string): ProducerCounts {
    return this.outbox.counts(producerId);
  }

  // --- for consumers ----------------------------------------------------------------------------

  attachConsumer(consumer: AttachedConsumer): void {
    this.inbox.attach(consumer);
    const { id: consumerId, service, inTransitLimit } = consumer;
    this.advertiser.offerConsumer({ consumerId, service, inTransitLimit });
    this.observer.changed();
  }

  detachConsumer(consumer: AttachedConsumer): void {
    if (this.state === 'closed' || !this.inbox.detach(consumer)) return;
    this.advertiser.withdrawConsumer(consumer.id);
    this.outbox.retractAssignedTo(this.name, consumer.id);
    this.pump.wake(consumer.service);
    this.observer.changed();
  }

  waiting(consumerId: string): readonly NotifyRow[] {
    return this.state === 'closed' ? [] : this.inbox.waiting(consumerId);
  }

  assignment(messageId: string, consumerId: string): NotifyRow | undefined {
    return this.inbox.assignment(messageId, consumerId);
  }

  pathOf(assignment: NotifyRow): readonly Hop[] {
    return pathOf(assignment);
  }

  room(consumerId: string): number {
    return this.inbox.room(consumerId);
  }

  async fetch(row: NotifyRow, readDelayMs: number): Promise<FetchedMessage> {
    const answer = await this.wayHome.read(row, {
      messageId: row.messageId,
      producerId: row.producerId,
      consumer: { id: row.consumerId, service: row.service, storeName: this.name },
      readDelayMs,
      room: this.inbox.room(row.consumerId),
    });
    if (answer.kind === 'notFound') throw new RedlinkError('NOT_FOUND', answer.reason);
    return answer;
  }

  noteReading(messageId: string): void {
    this.engine.notifies.setState(messageId, 'reading');
  }

  noteNotified(messageId: string): void {
    this.engine.notifies.update(messageId, (row) => {
      row.notifyCount += 1;
    });
  }

  noteUnread(messageId: string): void {
    this.engine.notifies.setState(messageId, 'waiting');
  }

  markRead(messageId: string, meta: MessageMeta): void {
    this.inbox.markRead(messageId, meta);
  }

  dropAssignment(messageId: string): void {
    this.inbox.drop(messageId);
  }

  async reply(row: NotifyRow, payload: Serialised, consumerError: Serialised | undefined): Promise<void> {
    await this.courier.send(row, payload, consumerError);
  }

  endOf(messageId: string): MessageEnd | undefined {
    return this.inbox.endOf(messageId);
  }

  // --- for peers --------------------------------------------------------------------------------

  answer<V extends Verb>(verb: V, sender: Sender): Promise<AnswerTo[V['verb']]> {
    if (this.state !== 'open') {
      return Promise.reject(new RedlinkError('CLOSED', `Store ${this.name} is closed`));
    }
    return this.answerer.answer(verb, sender);
  }

  // --- for people -------------------------------------------------------------------------------

  /** Names of all services that the store sees, each once. */
  services(): readonly string[] {
    return this.routes.services();
  }

  northPeers(): readonly NorthPeer[] {
    return this.options.northPeers;
  }

  southPeers(): readonly Address[] {
    return [...this.neighbours.south()].map((peer) => peer.address);
  }

  lostNorths(): readonly string[] {
    return this.state === 'open' ? this.neighbours.lostNorths() : [];
  }

  /** Consumers attached here, and all that are known, each once. */
  consumerCounts(): { readonly local: number; readonly known: number } {
    const known = new Set(this.engine.routes.rows().map((row) => consumerKey(row.storeName, row.consumerId)));
    return { local: this.engine.consumers.size, known: known.size };
  }

  get full(): boolean {
    return this.outbox.full;
  }

  /** Empties messages, notifies and replies without any output (NODES.md, `flushStore`). */
  flush(): void {
    this.outbox.flush();
    this.inbox.flush();
  }

  // --- inside -----------------------------------------------------------------------------------

  /** Ways are gone: what went to a consumer to which no way is left, and was not read, is taken back. */
  private routesRemoved(rows: readonly RouteRow[]): void {
    for (const row of rows) {
      if (this.routes.ofConsumer(row.storeName, row.consumerId).length > 0) continue;
      this.outbox.retractAssignedTo(row.storeName, row.consumerId);
      this.pump.wake(row.service);
    }
    this.observer.routesRemoved(rows);
    this.observer.changed();
  }

  private resolveNorths(): void {
    for (const { address } of this.options.northPeers) {
      void this.ports.resolver.resolve(address.host).then((ips) => {
        this.neighbours.noteResolved(address.host, ips);
      });
    }
  }

  private async farewell(): Promise<void> {
    const { clock } = this.ports;
    let cancel = (): void => undefined;
    const enough = new Promise<void>((resolve) => {
      const timer = clock.after(FAREWELL_MS, resolve);
      cancel = () => {
        timer.cancel();
      };
    });
    await Promise.race([this.advertiser.withdrawAll(), enough]);
    cancel();
  }
}
