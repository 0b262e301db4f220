import type { MessageRow } from '../engine/rows.js';
import type { VacancyAnswer } from '../protocol/verbs.js';
import type { Peers } from '../transport/port.js';
import type { Clock, Timer } from '../support/clock.js';
import type { Log } from '../support/log.js';
import { describe } from '../support/errors.js';
import { MessageOffers, patienceOf, type OfferingStore } from './message-offers.js';
import type { Neighbour, Neighbours } from './neighbours.js';
import type { FailureSink, LocalDesk, OfferSource, OwnMessages, OwnPlace } from './offer-ports.js';
import { Roomless } from './roomless.js';
import { FULL_ROOM_PERCENT } from './route-order.js';
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

/** How many services keep what was learned of their pace while nothing of them is queued. */
const REMEMBERED_SERVICES = 1_000;

export interface OfferPumpOptions extends OfferingStore {
  /** Told of each message that is being offered. */
  readonly offering: (row: MessageRow) => void;
  /** Told where {@link OfferPump.withoutRoom} may have changed. */
  readonly roomChanged: () => void;
}

/** What the pump works with. */
export interface OfferPumpParts {
  readonly source: OfferSource;
  readonly desk: LocalDesk;
  readonly line: OwnPlace;
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
  /** Something has changed while offers were under way: who was refused before that may have room now. */
  news: boolean;
  /** Keys of the neighbours that have called, once for each message that they have called for. */
  calls: string[];
  parkTimer: Timer | undefined;
  triedAt: number;
  scheduled: boolean;
}

/**
 * Offers queued messages, service by service: to an attached consumer at once, else to the neighbours
 * in the order of their routes. A service without room parks by itself; the others go on (DEFECTS 2). It
 * goes on when a neighbour calls, when something changes, or after the notify interval.
 */
export class OfferPump implements OwnMessages {
  private readonly services = new Map<string, Service>();
  private readonly offers: MessageOffers;
  private readonly roomless: Roomless;
  private closed = false;

  constructor(
    private readonly options: OfferPumpOptions,
    private readonly around: OfferPumpParts,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.offers = new MessageOffers(options, around, clock);
    this.roomless = new Roomless(options.roomChanged);
  }

  /** A message of the service has been queued. */
  messageReady(service: string): void {
    const state = this.stateOf(service);
    // No news for offers under way: it may be one of theirs that has come back.
    if (!state.parked) this.schedule(service, state);
    else if (this.clock.now() - state.triedAt >= REOFFER_AFTER_MS) this.wake(service);
  }

  /** Something has changed for the service: room, a route, a consumer. */
  wake(service: string): void {
    const state = this.stateOf(service);
    state.parked = false;
    state.news = state.underWay > 0;
    this.schedule(service, state);
  }

  roomHere(service: string): void {
    this.wake(service);
  }

  roomAt(service: string, neighbour: Neighbour, places: number): VacancyAnswer {
    const state = this.services.get(service);
    this.offers.called(service, neighbour);
    if (state?.parked !== true) {
      // It offers by itself, and is told where it is about to give up.
      if (state !== undefined) this.wake(service);
      return { kind: 'invited', coming: 0, more: false };
    }
    const waiting = this.around.source.readyCount(service) - state.calls.length;
    const coming = Math.max(0, Math.min(places, waiting));
    for (let call = 0; call < coming; call += 1) state.calls.push(neighbour.key);
    const more = waiting > coming;
    if (more) this.offers.willBeCalled(service, neighbour);
    else state.parked = false;
    this.schedule(service, state);
    return { kind: 'invited', coming, more };
  }

  wakeAll(): void {
    for (const service of this.around.source.readyServices()) this.wake(service);
  }

  /** @returns the services whose messages wait because every consumer that is known is full. */
  withoutRoom(): readonly string[] {
    // What has run out of time or was flushed left without a word to the pump.
    return this.roomless.names().filter((service) => this.around.source.readyCount(service) > 0);
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
      news: false,
      calls: [],
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
      if (this.around.source.peekReady(service) === undefined) {
        this.rest(service, state);
        return;
      }
      const mayTake = this.around.line.takesOwn(service);
      const consumerId = mayTake ? this.around.desk.pick(service) : undefined;
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
      this.around.desk.enter(this.offers.describe(row, 0), consumerId, {
        sendOnly: row.sendOnly,
        deadlineInMs: row.deadlineAt - this.clock.now(),
        token,
      });
    }
    this.roomless.note(service, false);
    this.schedule(service, state);
  }

  private offerAround(service: string, state: Service): void {
    for (const caller of state.calls.splice(0)) this.start(service, state, caller);
    while (!state.parked && state.underWay < state.window) {
      const head = this.around.source.peekReady(service);
      if (head === undefined) {
        this.rest(service, state);
        return;
      }
      if (!this.offers.hasWays(head)) {
        this.park(service, state);
        return;
      }
      this.start(service, state, undefined);
    }
  }

  private start(service: string, state: Service, caller: string | undefined): void {
    const row = this.around.source.takeReady(service);
    if (row === undefined) return;
    if (state.underWay === 0) state.news = false;
    state.underWay += 1;
    state.triedAt = this.clock.now();
    this.options.offering(row);
    void this.offerOne(row, caller).then((taken) => {
      this.offerEnded(service, state, taken);
    });
  }

  /** An offer that fails in a way that nobody foresaw must not take its message along. */
  private async offerOne(row: MessageRow, caller: string | undefined): Promise<boolean> {
    try {
      return await this.offers.offer(row, caller);
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
      if (state.parked) return;
      this.roomless.note(service, false);
      this.stopWaiting(state);
      this.schedule(service, state);
      return;
    }
    state.window = 1;
    if (state.news) {
      state.news = false;
      this.schedule(service, state);
    } else if (this.around.source.peekReady(service) !== undefined) this.park(service, state);
  }

  /** Leaves the service alone until something changes, or the notify interval of its next message passes. */
  private park(service: string, state: Service): void {
    const head = this.around.source.peekReady(service);
    if (head === undefined) return;
    state.parked = true;
    this.roomless.note(service, this.allAreFull(service));
    this.around.line.waitsOwn(service);
    if (state.parkTimer !== undefined) return;
    state.parkTimer = this.clock.after(patienceOf(head), () => {
      state.parkTimer = undefined;
      // A call may have been lost on its way.
      this.offers.forgetPromises(service);
      this.wake(service);
    });
  }

  private allAreFull(service: string): boolean {
    if (this.around.desk.serves(service)) return true;
    const routes = this.around.routes.ofService(service);
    return routes.length > 0 && routes.every(({ room }) => room >= FULL_ROOM_PERCENT);
  }

  /** Nothing of the service is queued. */
  private rest(service: string, state: Service): void {
    this.roomless.note(service, false);
    this.stopWaiting(state);
    this.around.line.leavesOwn(service);
  }

  private stopWaiting(state: Service): void {
    state.parkTimer?.cancel();
    state.parkTimer = undefined;
  }

  private forgetIdle(service: string, state: Service): void {
    if (this.services.size <= REMEMBERED_SERVICES || state.underWay > 0 || state.scheduled) return;
    if (this.around.source.peekReady(service) !== undefined) return;
    state.parkTimer?.cancel();
    this.services.delete(service);
  }
}
