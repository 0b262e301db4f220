import type { Engine } from '../engine/engine.js';
import type { NotifyRow, RouteRow } from '../engine/rows.js';
import { consumerKey } from '../mesh/consumer-key.js';
import { inTurns } from '../mesh/in-turns.js';
import type { LostNorth, Neighbour, NorthPeer } from '../mesh/neighbours.js';
import type { Address } from '../protocol/address.js';
import { PROTOCOL_VERSION } from '../protocol/v3/capabilities.js';
import type { AnswerTo, Capabilities, Hop, MessageMeta, Verb } from '../protocol/verbs.js';
import type { Answerer, Listener, Sender } from '../transport/port.js';
import { RedlinkError, type ErrorCode } from '../support/errors.js';
import { collectHandover } from './collect-handover.js';
import type {
  AttachedConsumer,
  AttachedProducer,
  DeliveredReply,
  FetchedMessage,
  MessageEnd,
  NewMessage,
  ProducerCounts,
  Packed,
  Serialised,
  StoreForConsumer,
  StoreForProducer,
} from './contract.js';
import { farewell } from './farewell.js';
import { Handover } from './handover.js';
import type { StoreOptions, StorePorts } from './options.js';
import { assembleParts, type StoreParts } from './parts.js';
import type { StoreObserver } from './store-observer.js';
import { TakeBack } from './take-back.js';
import { pathOf } from './way-home.js';

/** A store: the parts put together, and the one interface that producers, consumers and peers call. */
export class Store implements StoreForProducer, StoreForConsumer, Answerer {
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly engine: Engine;
  private readonly parts: StoreParts;
  private listener: Listener | undefined;
  private state: 'new' | 'restored' | 'open' | 'closed' = 'new';

  /** @throws RedlinkError `BAD_CONFIGURATION` where an allowed range is none. */
  constructor(
    private readonly options: StoreOptions,
    private readonly ports: StorePorts,
    private readonly observer: StoreObserver,
  ) {
    this.name = options.name;
    this.capabilities = {
      version: PROTOCOL_VERSION,
      bootId: ports.ids.next(),
      storeName: options.name,
    };
    this.parts = assembleParts(options, ports, this.capabilities, {
      observer,
      routesRemoved: (rows) => {
        this.routesRemoved(rows);
      },
    });
    this.engine = this.parts.engine;
  }

  /**
   * Brings back what an earlier life of the store has left. Nobody may work with the store before.
   * @param handover what it left in this very process
   * @throws RedlinkError `JOURNAL_LOCKED`, `JOURNAL_UNAVAILABLE`, `JOURNAL_IO`, `PAYLOAD_IO`
   */
  async restore(handover?: Handover): Promise<void> {
    const { outbox, inbox, courier, journal } = this.parts;
    const { payloads, clock, log } = this.ports;
    const parts = { storeName: this.name, journal, outbox, inbox, courier, payloads, clock, log };
    await new TakeBack(parts, handover).run();
    if (this.state === 'new') this.state = 'restored';
  }

  /**
   * Opens the listener and joins the mesh.
   * @throws RedlinkError `LISTEN_FAILED`, and what {@link restore} throws where that was not done before
   */
  async open(): Promise<void> {
    if (this.state === 'new') await this.restore();
    const listener = await this.ports.listen(this);
    if (this.isClosed()) {
      await listener.close();
      return;
    }
    this.listener = listener;
    this.state = 'open';
    this.parts.advertiser.start();
    this.observer.changed();
  }

  /** Asked anew after each wait. */
  private isClosed(): boolean {
    return this.state === 'closed';
  }

  /**
   * Leaves the mesh and gives everything back: listener, timers, tables. Takes less than a second.
   * @returns what the next life of the store in this process goes on with.
   */
  async close(): Promise<Handover> {
    if (this.state === 'closed') return new Handover([]);
    const wasOpen = this.state === 'open';
    this.state = 'closed';
    await farewell(this.parts, this.ports.clock, wasOpen);
    const { pump, vacancies, advertiser, liveness, leaseKeeper, confirmation, leaseReturns } = this.parts;
    const busy = [pump, vacancies, advertiser, liveness, leaseKeeper, confirmation, leaseReturns];
    for (const part of busy) part.close();
    const handover = collectHandover(this.parts, this.ports.clock);
    await this.parts.courier.close();
    this.parts.deadlines.close();
    await Promise.all([this.listener?.close(), this.parts.journal.close()]);
    this.engine.close();
    return handover;
  }

  // --- for producers ----------------------------------------------------------------------------

  attachProducer(producer: AttachedProducer): void {
    this.parts.outbox.attach(producer);
    if (this.state !== 'closed') this.parts.advertiser.offerStore();
  }

  detachProducer(producer: AttachedProducer, mayRepeat: boolean): void {
    this.parts.outbox.detach(producer, mayRepeat);
  }

  knows(service: string): boolean {
    return this.parts.routes.ofService(service).length > 0;
  }

  accept(message: NewMessage): Promise<void> | undefined {
    if (this.state === 'closed') throw new RedlinkError('CLOSED', `Store ${this.name} is closed`);
    if (!this.parts.policy.mayProduce(message.service)) {
      throw new RedlinkError(
        'SERVICE_NOT_ALLOWED',
        `Store ${this.name} may not send to the service ${message.service}`,
      );
    }
    return this.parts.acceptance.accept(message);
  }

  peekReply(producerId: string, messageId: string | undefined): DeliveredReply | undefined {
    return this.parts.outbox.replies.peek(producerId, messageId);
  }

  noteGiven(messageId: string): void {
    this.parts.outbox.replies.noteGiven(messageId);
  }

  finishReply(messageId: string): void {
    this.parts.outbox.finishReply(messageId);
  }

  failReply(messageId: string, code: ErrorCode): void {
    this.parts.outbox.failReply(messageId, code);
  }

  releaseFailed(messageId: string): void {
    this.parts.outbox.failures.told(messageId);
  }

  counts(producerId: string): ProducerCounts {
    return this.parts.outbox.counts(producerId);
  }

  // --- for consumers ----------------------------------------------------------------------------

  attachConsumer(consumer: AttachedConsumer): void {
    this.parts.inbox.attach(consumer);
    const { id: consumerId, service, inTransitLimit } = consumer;
    this.parts.advertiser.offerConsumer({ consumerId, service, inTransitLimit });
    this.observer.changed();
  }

  detachConsumer(consumer: AttachedConsumer, comesBack: boolean): void {
    if (this.state === 'closed' || !this.parts.inbox.detach(consumer, comesBack)) return;
    this.parts.advertiser.withdrawConsumer(consumer.id);
    this.parts.outbox.retractAssignedTo(this.name, consumer.id);
    this.parts.pump.wake(consumer.service);
    this.observer.changed();
  }

  waiting(consumerId: string): readonly NotifyRow[] {
    return this.state === 'closed' ? [] : this.parts.inbox.waiting(consumerId);
  }

  assignment(messageId: string, consumerId: string): NotifyRow | undefined {
    return this.parts.inbox.assignment(messageId, consumerId);
  }

  pathOf(assignment: NotifyRow): readonly Hop[] {
    return pathOf(assignment);
  }

  room(consumerId: string): number {
    return this.parts.inbox.room(consumerId);
  }

  async fetch(row: NotifyRow, readDelayMs: number): Promise<FetchedMessage> {
    const enclosed = this.parts.inbox.enclosed.of(row);
    if (enclosed !== undefined) {
      return {
        ...enclosed,
        abandon: () => undefined,
        confirm: () => this.parts.confirmation.confirm(row, readDelayMs),
      };
    }
    const answer = await this.parts.wayHome.read(row, {
      messageId: row.messageId,
      producerId: row.producerId,
      consumer: { id: row.consumerId, service: row.service, storeName: this.name },
      readDelayMs,
      room: this.parts.inbox.room(row.consumerId),
      token: row.token === '' ? undefined : row.token,
      ...(this.parts.inbox.enclosed.comesAsStream(row) ? { carriage: 'stream' } : {}),
    });
    if (answer.kind === 'notFound') throw new RedlinkError('NOT_FOUND', answer.reason);
    const { meta, body, settle } = answer;
    return {
      meta,
      body,
      abandon: () => {
        settle(false);
      },
      confirm: async () => {
        settle(true);
        if (row.token !== '') await this.parts.confirmation.confirm(row, readDelayMs);
      },
    };
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
    this.parts.inbox.markRead(messageId, meta);
  }

  dropAssignment(messageId: string): void {
    this.parts.inbox.drop(messageId);
  }

  async reply(row: NotifyRow, payload: Packed, consumerError: Serialised | undefined): Promise<void> {
    await this.parts.courier.send(row, payload, consumerError);
  }

  endOf(messageId: string): MessageEnd | undefined {
    return this.parts.inbox.endOf(messageId);
  }

  // --- for peers --------------------------------------------------------------------------------

  answer<V extends Verb>(verb: V, sender: Sender): Promise<AnswerTo[V['verb']]> {
    if (this.state === 'open') return this.parts.answerer.answer(verb, sender);
    return Promise.reject(new RedlinkError('CLOSED', `Store ${this.name} is closed`));
  }

  mustListenTo(sender: Sender): void {
    this.parts.answerer.mustListenTo(sender);
  }

  // --- for people -------------------------------------------------------------------------------

  /** Names of all services that the store sees, each once. */
  services(): readonly string[] {
    return this.parts.routes.services();
  }

  northPeers(): readonly NorthPeer[] {
    return this.options.northPeers;
  }

  /** The configured norths as they are now. */
  norths(): readonly Readonly<Neighbour>[] {
    return [...this.parts.neighbours.north()];
  }

  southPeers(): readonly Address[] {
    return [...this.parts.neighbours.south()].map((peer) => peer.address);
  }

  lostNorths(): readonly LostNorth[] {
    return this.state === 'open' ? this.parts.neighbours.lostNorths() : [];
  }

  /** Consumers attached here, and all that are known, each once. */
  consumerCounts(): { readonly local: number; readonly known: number } {
    const known = new Set(this.engine.routes.rows().map((row) => consumerKey(row.storeName, row.consumerId)));
    return { local: this.engine.consumers.size, known: known.size };
  }

  /** Services whose messages wait here because every consumer that is known is full. */
  servicesWithoutRoom(): readonly string[] {
    return this.state === 'closed' ? [] : this.parts.pump.withoutRoom();
  }

  get full(): boolean {
    return this.parts.capacity.full;
  }

  /** Whether what it holds survives the process. */
  get keepsNothing(): boolean {
    return this.parts.journal.keepsNothing;
  }

  /** Empties messages, notifies and replies without any output (NODES.md, `flushStore`). */
  flush(): void {
    this.parts.outbox.flush();
    this.parts.inbox.flush();
    this.observer.changed();
  }

  // --- inside -----------------------------------------------------------------------------------

  /** Ways are gone: what went to a consumer to which no way is left, and was not read, is taken back. */
  private routesRemoved(rows: readonly RouteRow[]): void {
    inTurns(rows, this.ports.clock, (row) => {
      if (this.state !== 'closed') this.routeRemoved(row);
    });
    this.observer.routesRemoved(rows);
    this.observer.changed();
  }

  private routeRemoved({ storeName, consumerId, service }: RouteRow): void {
    if (this.parts.routes.ofConsumer(storeName, consumerId).length > 0) return;
    this.parts.outbox.retractAssignedTo(storeName, consumerId);
    if (this.engine.messages.readyCount(service) > 0) this.parts.pump.wake(service);
  }
}
