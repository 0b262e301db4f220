import type { Confirm, ConfirmAnswer, Hop, Offer, OfferAnswer } from '../protocol/verbs.js';
import type { Peers } from '../transport/port.js';
import type { Neighbour, Neighbours } from './neighbours.js';
import { leadsBack, neighbourOf, rankRoutes } from './offer-choice.js';
import type { OfferingStore } from './message-offers.js';
import type { FailureSink } from './offer-ports.js';
import { OffersPassing } from './offers-passing.js';
import type { Routes } from './routes.js';
import type { ServicePolicy } from './service-policy.js';
import type { Vacancies } from './vacancies.js';

/** Most stores that an offer may pass (WIRE 6, SECURITY.md: path ≤ 16 entries). */
export const MAX_PATH_ENTRIES = 16;

/** The consumers attached to the store, as offers of others see them. */
export interface OfferDesk {
  serves(service: string): boolean;
  /**
   * Holds a place for the message. @returns the consumer that has it and its load before, or
   * undefined where none has room or the message was accepted here before.
   * @param mayTake false: what room there is is kept for others; only a place that it holds already is given
   */
  hold(offer: Offer, mayTake: boolean): { readonly consumerId: string; readonly room: number } | undefined;
  /** Turns a held place into an assignment by the terms of the offer, if it has any. @returns whether it has */
  assign(offer: Offer, consumerId: string, path: readonly Hop[]): boolean;
  /** Turns a held place into an assignment. @returns the consumer's load after, or undefined where nothing was held. */
  confirm(confirm: Confirm): { readonly room: number } | undefined;
}

/** What offers of others are answered with. */
export interface OfferRelayParts {
  readonly policy: ServicePolicy;
  readonly desk: OfferDesk;
  readonly vacancies: Vacancies;
  readonly routes: Routes;
  readonly neighbours: Neighbours;
  readonly peers: Peers;
  readonly failures: FailureSink;
}

type NoRoom = Extract<OfferAnswer, { kind: 'noRoom' }>;

/** Answers the offers and confirmations of other stores, or passes them on (WIRE 4 and 5). */
export class OfferRelay {
  private readonly passing = new OffersPassing();

  constructor(
    private readonly store: OfferingStore,
    private readonly around: OfferRelayParts,
  ) {}

  async offer(offer: Offer): Promise<OfferAnswer> {
    const { self } = this.store;
    const passed = new Set(offer.path.map((hop) => hop.storeName));
    if (passed.has(self.storeName) || offer.path.length >= MAX_PATH_ENTRIES) {
      return { kind: 'noRoom', path: offer.path };
    }
    const reversePath = offer.path[0]?.reversePath ?? offer.reversePath;
    const path = [...offer.path, { ...self.hop, reversePath }];
    const serves = this.around.desk.serves(offer.service);
    const { policy } = this.around;
    const mayAnswer = serves ? policy.mayOffer(offer.service) : policy.mayCarry(offer.service);
    if (!mayAnswer) return { kind: 'noRoom', path: offer.path };
    const from = await this.senderOf(offer);
    const arrival = this.around.vacancies.arrives(offer.service, from);
    // A store with an attached consumer answers for it and never sends the offer on (NODES.md).
    // A stranger gets a place for a moment, as in version 3, and assigns nothing (SECURITY.md).
    const known = from === undefined ? { ...offer, terms: undefined } : offer;
    const answer = serves
      ? this.answerHere(known, path, arrival !== 'taken')
      : await this.passing.once(known, self.storeName, path, () => this.passOn(known, path, passed));
    if (answer.kind === 'accepted') return answer;
    const { willInvite, ...refusal } = answer;
    const entered = this.around.vacancies.refused(offer.service, from, arrival);
    return entered && willInvite === true ? answer : refusal;
  }

  async confirm(confirm: Confirm): Promise<ConfirmAnswer> {
    const refused: ConfirmAnswer = {
      kind: 'refused',
      consumerId: confirm.consumerId,
      service: confirm.service,
    };
    const [own, ...rest] = confirm.remaining;
    if (own !== undefined && own.storeName !== this.store.self.storeName) return refused;
    const [next] = rest;
    if (next === undefined) return this.confirmHere(confirm) ?? refused;
    if (next.storeName === this.store.self.storeName) return refused;
    await this.around.neighbours.recognise(next.address);
    const neighbour = this.around.neighbours.findAny(next.address);
    if (neighbour === undefined) return refused;
    // A store that speaks version 3 neither passes the token on nor renewals back.
    const speaksMore = this.around.peers.capabilities(neighbour.address) !== undefined;
    const token = speaksMore ? confirm.token : undefined;
    try {
      const answer = await this.around.peers.call(neighbour.address, { ...confirm, token, remaining: rest });
      if (answer.kind !== 'confirmed') return answer;
      this.around.routes.noteLoad(answer.consumerId, answer.consumerStore, confirm.service, {
        room: answer.room,
      });
      return { ...answer, leased: speaksMore && answer.leased };
    } catch (error) {
      this.around.failures.neighbourFailed(neighbour, error);
      return refused;
    }
  }

  private confirmHere(confirm: Confirm): ConfirmAnswer | undefined {
    const entered = this.around.desk.confirm(confirm);
    if (entered === undefined) return undefined;
    return {
      kind: 'confirmed',
      consumerId: confirm.consumerId,
      consumerStore: this.store.self.storeName,
      service: confirm.service,
      room: entered.room,
      leased: confirm.token !== undefined,
    };
  }

  private answerHere(offer: Offer, path: readonly Hop[], mayTake: boolean): OfferAnswer {
    const consumerStore = this.store.self.storeName;
    const held = this.around.desk.hold(offer, mayTake);
    if (held === undefined) return { kind: 'noRoom', path, consumerStore, willInvite: true };
    const { consumerId, room } = held;
    const assigned = this.around.desk.assign(offer, consumerId, path);
    return { kind: 'accepted', consumerId, consumerStore, room, path, ...(assigned ? { assigned } : {}) };
  }

  /** The neighbour that sent the offer: the last store on its way. */
  private async senderOf(offer: Offer): Promise<Neighbour | undefined> {
    const last = offer.path.at(-1);
    if (last === undefined) return undefined;
    await this.around.neighbours.recognise(last.address);
    return this.around.neighbours.findAny(last.address);
  }

  private async passOn(
    offer: Offer,
    path: readonly Hop[],
    passed: ReadonlySet<string>,
  ): Promise<OfferAnswer> {
    const keys = new Set(offer.path.map((hop) => this.around.neighbours.findAny(hop.address)?.key));
    const ranked = rankRoutes(this.around.routes.ofService(offer.service), {
      order: this.store.order,
      avoid: (route) => leadsBack(route, passed, keys),
      isSuspect: (key) => this.around.neighbours.isSuspect(key),
    });
    const promised = this.passing.promisedBy(offer);
    const isPromised = (key: string): number => (key === promised ? 0 : 1);
    const inOrder = [...ranked].sort((a, b) => isPromised(neighbourOf(a)) - isPromised(neighbourOf(b)));
    let refusal: NoRoom | undefined;
    for (const route of inOrder) {
      const neighbour = this.around.neighbours.findAny({ host: route.viaHost, port: route.viaPort });
      if (neighbour === undefined) continue;
      const takeBack = this.store.order.chose(route);
      try {
        const answer = await this.around.peers.call(neighbour.address, { ...offer, path });
        if (answer.kind === 'accepted') {
          this.passing.promise(offer, neighbour.key);
          return answer;
        }
        takeBack();
        const willInvite = answer.willInvite === true && refusal?.willInvite !== false;
        refusal = { ...answer, willInvite };
        this.around.routes.noteRefusal(offer.service, neighbour.key);
      } catch (error) {
        takeBack();
        this.around.failures.neighbourFailed(neighbour, error);
      }
    }
    return refusal ?? { kind: 'noRoom', path };
  }
}
