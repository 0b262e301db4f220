import type { MessageRow } from '../engine/rows.js';
import type { Hop, Offer, OfferAnswer, OfferedMessage } from '../protocol/verbs.js';
import type { Peers } from '../transport/port.js';
import type { Clock, Timer } from '../support/clock.js';
import type { Log } from '../support/log.js';
import { describe } from '../support/errors.js';
import { neighbourOf, rankRoutes } from './offer-choice.js';
import type { LocalDesk } from './local-desk.js';
import type { Neighbour, Neighbours } from './neighbours.js';
import type { RouteOrder } from './route-order.js';
import type { Routes } from './routes.js';

/** Messages given to attached consumers in one turn of the event loop, so that a burst blocks nobody. */
const LOCAL_PER_TURN = 64;

/**
 * Most offers of one service under way at once. Each costs two round trips on the wire of 3.0.5; with
 * so many at once the round trip, not the waiting, sets the pace.
 */
const MAX_OFFERS_UNDER_WAY = 32;

/** A new message of a parked service is tried at once if the last try is so long ago, ms. */
const REOFFER_AFTER_MS = 500;

/** Shortest time that a service without room is left alone, ms, whatever the notify interval says. */
const SHORTEST_PARK_MS = 100;

/** How many services keep what was learned of their pace while nothing of them is queued. */
const REMEMBERED_SERVICES = 1_000;

/** The store's queued messages, as the pump uses them. */
export interface OfferSource {
  /** Takes the message to offer next; undefined where none of the service is queued. */
  takeReady(service: string): MessageRow | undefined;
  peekReady(service: string): MessageRow | undefined;
  readyServices(): Iterable<string>;
  /** Whether the message is still there and still being offered. */
  stillOffering(row: MessageRow): boolean;
  /** Nobody took it: back to its place in the queue. */
  requeue(row: MessageRow): void;
  /** @returns the token that names the assignment */
  assign(row: MessageRow, to: { consumerId: string; consumerStore: string; via: string }): string;
  /** The consumer's store has entered the assignment. @param leased whether it was told the token, and so renews the lease */
  confirmed(row: MessageRow, token: string, leased: boolean): void;
  /** The assignment came to nothing before the read: back to the queue. */
  retract(row: MessageRow): void;
}

/** A failed call is reported here; the mesh draws its conclusions. */
export interface FailureSink {
  neighbourFailed(neighbour: Neighbour, cause: unknown): void;
}

export interface OfferPumpOptions {
  readonly self: { readonly storeName: string; readonly hop: Omit<Hop, 'reversePath'> };
  /** Which way is asked first. */
  readonly order: RouteOrder;
  /** Told of each message that is being offered. */
  readonly offering: (row: MessageRow) => void;
}

/** What the pump works with. */
export interface OfferPumpParts {
  readonly source: OfferSource;
  readonly desk: LocalDesk;
  readonly routes: Routes;
  readonly neighbours: Neighbours;
  readonly peers: Peers;
  readonly failures: FailureSink;
}

interface Service {
  underWay: number;
  /** How many offers may be under way: grows with each success, one after a refusal. */
  window: number;
  parked: boolean;
  parkTimer: Timer | undefined;
  triedAt: number;
  scheduled: boolean;
}

/**
 * Offers queued messages, service by service: to an attached consumer at once, else to the neighbours
 * in the order of their routes. A service without room parks by itself; the others go on (DEFECTS 2).
 */
export class OfferPump {
  private readonly services = new Map<string, Service>();
  private closed = false;

  constructor(
    private readonly options: OfferPumpOptions,
    private readonly around: OfferPumpParts,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** A message of the service has been queued. */
  messageReady(service: string): void {
    const state = this.stateOf(service);
    if (state.parked && this.clock.now() - state.triedAt < REOFFER_AFTER_MS) return;
    this.wake(service);
  }

  /** Something has changed for the service: room, a route, a consumer. */
  wake(service: string): void {
    const state = this.stateOf(service);
    state.parked = false;
    state.parkTimer?.cancel();
    state.parkTimer = undefined;
    this.schedule(service, state);
  }

  wakeAll(): void {
    for (const service of this.around.source.readyServices()) this.wake(service);
  }

  close(): void {
    this.closed = true;
    for (const state of this.services.values()) state.parkTimer?.cancel();
    this.services.clear();
  }

  private stateOf(service: string): Service {
    const known = this.services.get(service);
    if (known !== undefined) return known;
    const made: Service = {
      underWay: 0,
      window: 1,
      parked: false,
      parkTimer: undefined,
      triedAt: -Infinity,
      scheduled: false,
    };
    this.services.set(service, made);
    return made;
  }

  private schedule(service: string, state: Service): void {
    if (state.scheduled || this.closed) return;
    state.scheduled = true;
    this.clock.soon(() => {
      state.scheduled = false;
      if (this.closed) return;
      if (this.around.desk.serves(service)) this.serveLocally(service, state);
      else this.offerAround(service, state);
      this.forgetIdle(service, state);
    });
  }

  private serveLocally(service: string, state: Service): void {
    state.triedAt = this.clock.now();
    for (let given = 0; given < LOCAL_PER_TURN; given += 1) {
      if (this.around.source.peekReady(service) === undefined) return;
      const consumerId = this.around.desk.pick(service);
      if (consumerId === undefined) {
        this.park(service, state);
        return;
      }
      const row = this.around.source.takeReady(service);
      if (row === undefined) return;
      this.options.offering(row);
      const token = this.around.source.assign(row, {
        consumerId,
        consumerStore: this.options.self.storeName,
        via: 'local',
      });
      this.around.desk.enter(this.describe(row, 0), consumerId, {
        sendOnly: row.sendOnly,
        deadlineInMs: row.deadlineAt - this.clock.now(),
        token,
      });
    }
    this.schedule(service, state);
  }

  private offerAround(service: string, state: Service): void {
    while (!state.parked && state.underWay < state.window) {
      if (this.around.source.peekReady(service) === undefined) return;
      if (this.rank(service).length === 0) {
        this.park(service, state);
        return;
      }
      const row = this.around.source.takeReady(service);
      if (row === undefined) return;
      state.underWay += 1;
      state.triedAt = this.clock.now();
      this.options.offering(row);
      void this.offerOne(row).then((taken) => {
        this.offerEnded(service, state, taken);
      });
    }
  }

  /** An offer that fails in a way that nobody foresaw must not take its message along. */
  private async offerOne(row: MessageRow): Promise<boolean> {
    try {
      return await this.offer(row);
    } catch (error) {
      this.log.error(`offering message ${row.id} failed: ${describe(error)}`);
      if (this.around.source.stillOffering(row)) this.around.source.requeue(row);
      return false;
    }
  }

  private offerEnded(service: string, state: Service, taken: boolean): void {
    state.underWay -= 1;
    if (this.closed) return;
    if (taken) {
      state.window = Math.min(MAX_OFFERS_UNDER_WAY, state.window * 2);
      if (!state.parked) this.schedule(service, state);
      return;
    }
    state.window = 1;
    if (this.around.source.peekReady(service) !== undefined && !state.parked) this.park(service, state);
  }

  /** @returns whether the message needs no more offering now. */
  private async offer(row: MessageRow): Promise<boolean> {
    const tried = new Set<string>();
    for (;;) {
      const route = this.rank(row.service).find((candidate) => !tried.has(neighbourOf(candidate)));
      if (route === undefined) break;
      tried.add(neighbourOf(route));
      const neighbour = this.around.neighbours.findAny({ host: route.viaHost, port: route.viaPort });
      if (neighbour === undefined) continue;
      const takeBack = this.options.order.chose(route);
      const answer = await this.ask(neighbour, { verb: 'offer', ...this.describe(row, route.hopCount) });
      if (answer?.kind !== 'accepted') takeBack();
      if (!this.around.source.stillOffering(row)) return true;
      if (answer === undefined) continue;
      if (answer.kind === 'accepted') return this.confirm(row, neighbour, answer, route.hopCount);
      this.around.routes.noteRefusal(row.service, neighbour.key);
    }
    this.around.source.requeue(row);
    return false;
  }

  private async ask(neighbour: Neighbour, offer: Offer): Promise<OfferAnswer | undefined> {
    try {
      return await this.around.peers.call(neighbour.address, offer);
    } catch (error) {
      this.around.failures.neighbourFailed(neighbour, error);
      return undefined;
    }
  }

  /** WIRE 5: the message is assigned first, because the consumer may read before the answer is back. */
  private async confirm(
    row: MessageRow,
    neighbour: Neighbour,
    answer: Extract<OfferAnswer, { kind: 'accepted' }>,
    hopCount: number,
  ): Promise<boolean> {
    const { consumerId, consumerStore } = answer;
    const token = this.around.source.assign(row, { consumerId, consumerStore, via: neighbour.key });
    const speaksMore = this.around.peers.capabilities(neighbour.address) !== undefined;
    try {
      const confirmed = await this.around.peers.call(neighbour.address, {
        verb: 'confirm',
        ...this.describe(row, hopCount),
        deadlineInMs: row.deadlineAt - this.clock.now(),
        token: speaksMore ? token : undefined,
        path: answer.path,
        remaining: answer.path.slice(1),
        consumerId,
      });
      if (confirmed.kind === 'confirmed') {
        this.around.source.confirmed(row, token, speaksMore && confirmed.leased);
        this.around.routes.noteLoad(consumerId, consumerStore, row.service, { room: confirmed.room });
        return true;
      }
    } catch (error) {
      this.around.failures.neighbourFailed(neighbour, error);
    }
    if (row.state === 'assigned' && row.token === token) this.around.source.retract(row);
    return false;
  }

  private rank(service: string): ReturnType<typeof rankRoutes> {
    return rankRoutes(this.around.routes.ofService(service), {
      order: this.options.order,
      avoid: () => false,
    });
  }

  private describe(row: MessageRow, hopCount: number): OfferedMessage {
    const { hop, storeName } = this.options.self;
    return {
      service: row.service,
      messageId: row.id,
      producerId: row.producerId,
      source: { storeName, address: hop.address },
      reversePath: row.reversePath,
      path: [{ ...hop, reversePath: row.reversePath }],
      hopCount,
    };
  }

  /** Leaves the service alone until something changes, or the notify interval of its next message passes. */
  private park(service: string, state: Service): void {
    const head = this.around.source.peekReady(service);
    if (head === undefined) return;
    state.parked = true;
    state.parkTimer?.cancel();
    const interval = Math.max(SHORTEST_PARK_MS, head.notifyIntervalMs);
    state.parkTimer = this.clock.after(interval, () => {
      this.wake(service);
    });
  }

  private forgetIdle(service: string, state: Service): void {
    if (this.services.size <= REMEMBERED_SERVICES || state.underWay > 0 || state.scheduled) return;
    if (this.around.source.peekReady(service) !== undefined) return;
    state.parkTimer?.cancel();
    this.services.delete(service);
  }
}
