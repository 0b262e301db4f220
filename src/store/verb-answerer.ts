import type { Advertiser } from '../mesh/advertiser.js';
import type { Neighbours } from '../mesh/neighbours.js';
import { MAX_PATH_ENTRIES, type OfferRelay } from '../mesh/offer-relay.js';
import { FULL_ROOM_PERCENT } from '../mesh/route-order.js';
import type { Routes } from '../mesh/routes.js';
import type { Vacancies } from '../mesh/vacancies.js';
import type { NextHop, WayBack } from '../mesh/way-back.js';
import type { AnswerTo, Read, Renew, Reply, Taken, Verb, VerbName, VerbNamed } from '../protocol/verbs.js';
import { refused } from '../security/refusal.js';
import type { Peers, Sender } from '../transport/port.js';
import type { AddressRanges } from '../support/address-ranges.js';
import { FartherOnError, RedlinkError } from '../support/errors.js';
import { reportUnreachable, type Home, type Homeward } from './way-home.js';

/** Which part of the store answers what. */
export interface AnsweringParts {
  /** Of this start of the store. */
  readonly bootId: string;
  readonly advertiser: Advertiser;
  readonly offers: OfferRelay;
  readonly vacancies: Vacancies;
  readonly home: Home;
  readonly wayBack: WayBack;
}

/** Answers what other stores ask: verb by verb, here or by passing it on. */
export class VerbAnswerer {
  private readonly handlers: { readonly [Name in VerbName]: (asked: Verb) => Promise<AnswerTo[Name]> } = {
    announce: answering('announce', (asked) => this.parts.advertiser.announced(asked)),
    advertise: answering('advertise', async (asked) => {
      await this.neighbours.recognise(asked.via);
      return this.parts.advertiser.advertised(asked);
    }),
    offer: answering('offer', (asked) => this.parts.offers.offer(asked)),
    vacancy: answering('vacancy', (asked) => this.parts.vacancies.told(asked)),
    confirm: answering('confirm', (asked) => this.parts.offers.confirm(asked)),
    read: answering('read', (asked) => this.read(asked)),
    taken: answering('taken', (asked) => this.taken(asked)),
    renew: answering('renew', (asked) => this.renew(asked)),
    reply: answering('reply', (asked) => this.reply(asked)),
    probe: answering('probe', () => ({ kind: 'alive', bootId: this.parts.bootId })),
    recall: answering('recall', (asked) => this.parts.advertiser.recalled(asked)),
  };

  constructor(
    private readonly parts: AnsweringParts,
    private readonly routes: Routes,
    private readonly neighbours: Neighbours,
    private readonly peers: Peers,
    private readonly allowed: AddressRanges,
    private readonly roomSeen: (service: string) => void,
  ) {}

  /** @throws RedlinkError `NAME_NOT_PROVEN`; `REFUSED_ADDRESS` as {@link mustListenTo}; `PEER_*` where passing on failed. */
  async answer<V extends Verb>(verb: V, sender: Sender): Promise<AnswerTo[V['verb']]> {
    this.mustListenTo(sender);
    if (sender.storeName !== undefined) mustSpeakForItself(verb, sender.storeName);
    const name: V['verb'] = verb.verb;
    const handler: (asked: Verb) => Promise<AnswerTo[V['verb']]> = this.handlers[name];
    return handler(verb);
  }

  /** @throws RedlinkError `REFUSED_ADDRESS` where the asking machine lies outside the allowed ranges */
  mustListenTo({ remoteIp }: Sender): void {
    if (remoteIp === undefined || this.allowed.includes(remoteIp)) return;
    throw new RedlinkError('REFUSED_ADDRESS', `${remoteIp} is not in the ranges allowed for this store`);
  }

  private async read(read: Read): Promise<AnswerTo['read']> {
    this.noteLoad(read, { room: read.room, readMs: read.readDelayMs });
    const next = await this.nextHop(read);
    switch (next.kind) {
      case 'here':
        return this.parts.home.read(read);
      case 'refused':
        // It was a neighbour when the notify came that way, and may be one again in a moment: a store on the way
        // that has just restarted. "Not found" would make the reader give the message up.
        throw new FartherOnError('PEER_UNREACHABLE', next.why);
      case 'onward':
        return withoutConsumer(await this.passOn(next, { ...read, path: next.path }));
    }
  }

  private async reply(reply: Reply): Promise<AnswerTo['reply']> {
    this.noteLoad(reply, { room: reply.room, replyMs: reply.replyDelayMs });
    const next = await this.nextHop(reply);
    switch (next.kind) {
      case 'here':
        return this.parts.home.reply(reply);
      case 'refused':
        throw new RedlinkError('REFUSED_ADDRESS', next.why);
      case 'onward':
        return this.passOn(next, { ...reply, path: next.path });
    }
  }

  private async taken(taken: Taken): Promise<AnswerTo['taken']> {
    this.noteLoad(taken, { room: taken.room, readMs: taken.readDelayMs });
    const next = await this.nextHop(taken);
    switch (next.kind) {
      case 'here':
        return this.parts.home.taken(taken);
      case 'refused':
        throw new RedlinkError('REFUSED_ADDRESS', next.why);
      case 'onward':
        return this.passOn(next, { ...taken, path: next.path });
    }
  }

  private async renew(renew: Renew): Promise<AnswerTo['renew']> {
    const next = await this.nextHop(renew);
    switch (next.kind) {
      case 'here':
        return this.parts.home.renew(renew);
      case 'refused':
        throw new RedlinkError('REFUSED_ADDRESS', next.why);
      case 'onward':
        return this.passOn(next, { ...renew, path: next.path });
    }
  }

  private async passOn<V extends Homeward>(
    { neighbour }: Extract<NextHop, { kind: 'onward' }>,
    verb: V,
  ): Promise<AnswerTo[V['verb']]> {
    try {
      return await this.peers.call(neighbour.address, verb);
    } catch (error) {
      reportUnreachable(this.parts.advertiser, neighbour, error);
      if (!(error instanceof RedlinkError)) throw error;
      throw new FartherOnError(error.code, error.message, error);
    }
  }

  private async nextHop({ path }: Homeward): Promise<NextHop> {
    const last = path.at(-1);
    if (last !== undefined) await this.neighbours.recognise(last.address);
    return this.parts.wayBack.next(path.slice(0, MAX_PATH_ENTRIES));
  }

  /** WIRE 7: the figures are updated from what passes; room that shows wakes whoever waits for it. */
  private noteLoad(
    from: Read | Taken | Reply,
    load: { room: number; readMs?: number; replyMs?: number },
  ): void {
    const { id, service, storeName } = from.consumer;
    this.routes.noteLoad(id, storeName, service, load);
    if (load.room < FULL_ROOM_PERCENT) this.roomSeen(service);
  }
}

/**
 * SECURITY: a store that has proved its name registers under no other.
 * @throws RedlinkError `NAME_NOT_PROVEN`
 */
function mustSpeakForItself(verb: Verb, senderName: string): void {
  const said = verb.verb === 'announce' ? verb.capabilities?.storeName : undefined;
  const named = verb.verb === 'advertise' ? verb.passedOnBy : said;
  if (named === undefined || named === senderName) return;
  throw refused('NAME_NOT_PROVEN', `${senderName} speaks as ${named}`);
}

/** A handler for one verb, as an entry of a table that is looked up by the verb's name. */
function answering<Name extends VerbName>(
  name: Name,
  handle: (asked: VerbNamed<Name>) => AnswerTo[Name] | Promise<AnswerTo[Name]>,
): (asked: Verb) => Promise<AnswerTo[Name]> {
  return async (asked) => {
    if (!isNamed(asked, name)) throw new RedlinkError('BAD_REQUEST', `${asked.verb} is not ${name}`);
    return handle(asked);
  };
}

/** A relay passes on all that is said of a message but for whom it is (WIRE 6). */
function withoutConsumer(answer: AnswerTo['read']): AnswerTo['read'] {
  return answer.kind === 'found' ? { ...answer, meta: { ...answer.meta, consumerId: '' } } : answer;
}

function isNamed<Name extends VerbName>(verb: Verb, name: Name): verb is VerbNamed<Name> {
  return verb.verb === name;
}
