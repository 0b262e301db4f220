import type { MessageRow, RouteRow } from '../engine/rows.js';
import type { Hop, Offer, OfferAnswer, OfferedMessage, OfferTerms } from '../protocol/verbs.js';
import type { Peers } from '../transport/port.js';
import type { Clock } from '../support/clock.js';
import type { Neighbour, Neighbours } from './neighbours.js';
import { neighbourOf, rankRoutes } from './offer-choice.js';
import type { FailureSink, OfferSource } from './offer-ports.js';
import { Refusals } from './refusals.js';
import type { RouteOrder } from './route-order.js';
import type { Routes } from './routes.js';

/** Shortest time that a service without room is left alone, ms, whatever the notify interval says. */
const SHORTEST_PATIENCE_MS = 100;

/** Who makes the offers, and which way it asks first. */
export interface OfferingStore {
  readonly self: { readonly storeName: string; readonly hop: Omit<Hop, 'reversePath'> };
  readonly order: RouteOrder;
}

/** What offers are made with. */
export interface MessageOfferParts {
  readonly source: OfferSource;
  readonly routes: Routes;
  readonly neighbours: Neighbours;
  readonly peers: Peers;
  readonly failures: FailureSink;
}

/** Hop count of a consumer at the neighbour itself. */
const NEXT_DOOR = 1;

type Accepted = Extract<OfferAnswer, { kind: 'accepted' }>;

/** How long a message that nobody has room for is kept before it is offered again, ms. */
export function patienceOf(row: MessageRow): number {
  return Math.max(SHORTEST_PATIENCE_MS, row.notifyIntervalMs);
}

/**
 * Offers single messages of this store to its neighbours, one neighbour after the other, and confirms to
 * the one that takes it (WIRE 4 and 5). One that had no room and has promised to call is not asked before.
 */
export class MessageOffers {
  private readonly refusals = new Refusals();

  constructor(
    private readonly store: OfferingStore,
    private readonly around: MessageOfferParts,
    private readonly clock: Clock,
  ) {}

  /** Whether there is anybody to ask now. */
  hasWays(row: MessageRow): boolean {
    return this.ways(row, undefined).length > 0;
  }

  /**
   * @param first key of the neighbour that has called for the message, and is asked first
   * @returns whether the message needs no more offering now
   */
  async offer(row: MessageRow, first: string | undefined): Promise<boolean> {
    const tried = new Set<string>();
    for (;;) {
      const route = this.ways(row, first).find((candidate) => !tried.has(neighbourOf(candidate)));
      if (route === undefined) break;
      tried.add(neighbourOf(route));
      const neighbour = this.around.neighbours.findAny({ host: route.viaHost, port: route.viaPort });
      if (neighbour === undefined) continue;
      const takeBack = this.store.order.chose(route);
      const { terms, answer } = await this.ask(row, neighbour, route.hopCount);
      if (answer?.kind !== 'accepted') takeBack();
      else if (answer.assigned === true && terms !== undefined) return this.assigned(row, terms, answer);
      if (!this.around.source.stillOffering(row)) return true;
      this.around.source.closeTerms(row);
      if (answer === undefined) continue;
      if (answer.kind === 'accepted') return this.confirm(row, neighbour, answer, route.hopCount);
      this.noteRefusal(row.service, neighbour, answer.willInvite === true);
    }
    this.around.source.requeue(row);
    return false;
  }

  /** A neighbour has called: it may be asked for the service. */
  called(service: string, neighbour: Neighbour): void {
    this.refusals.lift(this.routesVia(service, neighbour));
  }

  /** A neighbour will call again: more is waiting than it has called for. */
  willBeCalled(service: string, neighbour: Neighbour): void {
    this.refusals.note(this.routesVia(service, neighbour), this.clock.now());
  }

  /** All are to be asked once more, whatever they promised. */
  forgetPromises(service: string): void {
    this.refusals.lift(this.around.routes.ofService(service));
  }

  /** What the stores on the way are told of the message. */
  describe(row: MessageRow, hopCount: number): OfferedMessage {
    const { hop, storeName } = this.store.self;
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

  /** A store that speaks more than version 3 is told the terms at once, and then needs no confirmation. */
  private async ask(
    row: MessageRow,
    neighbour: Neighbour,
    hopCount: number,
  ): Promise<{ readonly terms: OfferTerms | undefined; readonly answer: OfferAnswer | undefined }> {
    const speaksMore = this.around.peers.capabilities(neighbour.address) !== undefined;
    // Where the producer wants its message read straight from its store, no store between is to have it.
    const carries = row.reversePath || hopCount <= NEXT_DOOR;
    const terms = speaksMore ? this.around.source.openTerms(row, neighbour.key, carries) : undefined;
    try {
      const offer: Offer = { verb: 'offer', ...this.describe(row, hopCount), terms };
      return { terms, answer: await this.around.peers.call(neighbour.address, offer) };
    } catch (error) {
      this.around.failures.neighbourFailed(neighbour, error);
      return { terms, answer: undefined };
    }
  }

  private assigned(row: MessageRow, { token }: OfferTerms, answer: Accepted): boolean {
    const { consumerId, consumerStore, room } = answer;
    this.around.source.termsAccepted(row, token, { consumerId, consumerStore });
    this.around.routes.noteLoad(consumerId, consumerStore, row.service, { room });
    return true;
  }

  private noteRefusal(service: string, neighbour: Neighbour, willCall: boolean): void {
    this.around.routes.noteRefusal(service, neighbour.key);
    if (willCall) this.willBeCalled(service, neighbour);
  }

  /** WIRE 5: the message is assigned first, because the consumer may read before the answer is back. */
  private async confirm(
    row: MessageRow,
    neighbour: Neighbour,
    answer: Accepted,
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

  private ways(row: MessageRow, first: string | undefined): readonly RouteRow[] {
    const now = this.clock.now();
    const ranked = rankRoutes(this.around.routes.ofService(row.service), {
      order: this.store.order,
      avoid: (route) => neighbourOf(route) !== first && this.refusals.standsFor(route, now, patienceOf(row)),
      isSuspect: (key) => this.around.neighbours.isSuspect(key),
    });
    if (first === undefined) return ranked;
    const isFirst = (route: RouteRow): boolean => neighbourOf(route) === first;
    return [...ranked.filter(isFirst), ...ranked.filter((route) => !isFirst(route))];
  }

  private routesVia(service: string, neighbour: Neighbour): readonly RouteRow[] {
    return this.around.routes.ofService(service).filter((route) => neighbourOf(route) === neighbour.key);
  }
}
