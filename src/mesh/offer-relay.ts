import type { Confirm, ConfirmAnswer, Hop, Offer, OfferAnswer } from '../protocol/verbs.js';
import type { Peers } from '../transport/port.js';
import { neighbourOf, rankRoutes } from './offer-choice.js';
import type { Neighbours } from './neighbours.js';
import type { FailureSink } from './offer-pump.js';
import type { RouteOrder } from './route-order.js';
import type { Routes } from './routes.js';
import type { ServicePolicy } from './service-policy.js';

/** Most stores that an offer may pass (WIRE 6, SECURITY.md: path ≤ 16 entries). */
export const MAX_PATH_ENTRIES = 16;

/** The consumers attached to the store, as offers of others see them. */
export interface OfferDesk {
  serves(service: string): boolean;
  /**
   * Holds a place for the message. @returns the consumer that has it and its load before, or
   * undefined where none has room or the message was accepted here before.
   */
  hold(offer: Offer): { readonly consumerId: string; readonly room: number } | undefined;
  /** Turns a held place into an assignment. @returns the consumer's load after, or undefined where nothing was held. */
  confirm(confirm: Confirm): { readonly room: number } | undefined;
}

/** Answers the offers and confirmations of other stores, or passes them on (WIRE 4 and 5). */
export class OfferRelay {
  constructor(
    private readonly self: { readonly storeName: string; readonly hop: Omit<Hop, 'reversePath'> },
    private readonly policy: ServicePolicy,
    private readonly order: RouteOrder,
    private readonly desk: OfferDesk,
    private readonly routes: Routes,
    private readonly neighbours: Neighbours,
    private readonly peers: Peers,
    private readonly failures: FailureSink,
  ) {}

  async offer(offer: Offer): Promise<OfferAnswer> {
    const passed = new Set(offer.path.map((hop) => hop.storeName));
    if (passed.has(this.self.storeName) || offer.path.length >= MAX_PATH_ENTRIES) {
      return { kind: 'noRoom', path: offer.path };
    }
    const reversePath = offer.path[0]?.reversePath ?? offer.reversePath;
    const path = [...offer.path, { ...this.self.hop, reversePath }];
    // A store with an attached consumer answers for it and never sends the offer on (NODES.md).
    if (!this.desk.serves(offer.service)) {
      return this.policy.mayCarry(offer.service)
        ? this.passOn(offer, path, passed)
        : { kind: 'noRoom', path: offer.path };
    }
    if (!this.policy.mayOffer(offer.service)) return { kind: 'noRoom', path: offer.path };
    const held = this.desk.hold(offer);
    if (held === undefined) return { kind: 'noRoom', path, consumerStore: this.self.storeName };
    return {
      kind: 'accepted',
      consumerId: held.consumerId,
      consumerStore: this.self.storeName,
      room: held.room,
      path,
    };
  }

  async confirm(confirm: Confirm): Promise<ConfirmAnswer> {
    const refused: ConfirmAnswer = {
      kind: 'refused',
      consumerId: confirm.consumerId,
      service: confirm.service,
    };
    const [own, ...rest] = confirm.remaining;
    if (own !== undefined && own.storeName !== this.self.storeName) return refused;
    const [next] = rest;
    if (next === undefined) return this.confirmHere(confirm) ?? refused;
    if (next.storeName === this.self.storeName) return refused;
    await this.neighbours.recognise(next.address);
    const neighbour = this.neighbours.findAny(next.address);
    if (neighbour === undefined) return refused;
    // A store that speaks version 3 neither passes the token on nor renewals back.
    const speaksMore = this.peers.capabilities(neighbour.address) !== undefined;
    const token = speaksMore ? confirm.token : undefined;
    try {
      const answer = await this.peers.call(neighbour.address, { ...confirm, token, remaining: rest });
      if (answer.kind !== 'confirmed') return answer;
      this.routes.noteLoad(answer.consumerId, answer.consumerStore, confirm.service, { room: answer.room });
      return { ...answer, leased: speaksMore && answer.leased };
    } catch (error) {
      this.failures.neighbourFailed(neighbour, error);
      return refused;
    }
  }

  private confirmHere(confirm: Confirm): ConfirmAnswer | undefined {
    const entered = this.desk.confirm(confirm);
    if (entered === undefined) return undefined;
    return {
      kind: 'confirmed',
      consumerId: confirm.consumerId,
      consumerStore: this.self.storeName,
      service: confirm.service,
      room: entered.room,
      leased: confirm.token !== undefined,
    };
  }

  private async passOn(
    offer: Offer,
    path: readonly Hop[],
    passed: ReadonlySet<string>,
  ): Promise<OfferAnswer> {
    const keys = new Set(offer.path.map((hop) => this.neighbours.findAny(hop.address)?.key));
    const ranked = rankRoutes(this.routes.ofService(offer.service), {
      order: this.order,
      avoid: (route) => passed.has(route.storeName) || keys.has(neighbourOf(route)),
    });
    let refusal: OfferAnswer = { kind: 'noRoom', path };
    for (const route of ranked) {
      const neighbour = this.neighbours.findAny({ host: route.viaHost, port: route.viaPort });
      if (neighbour === undefined) continue;
      const takeBack = this.order.chose(route);
      try {
        const answer = await this.peers.call(neighbour.address, { ...offer, path });
        if (answer.kind === 'accepted') return answer;
        takeBack();
        refusal = answer;
        this.routes.noteRefusal(offer.service, neighbour.key);
      } catch (error) {
        takeBack();
        this.failures.neighbourFailed(neighbour, error);
      }
    }
    return refusal;
  }
}
