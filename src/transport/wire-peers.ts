import type { Address } from '../protocol/address.js';
import type { AnswerTo, Announce, Capabilities, Verb, VerbNamed } from '../protocol/verbs.js';
import type { ArrivingResponse, WireRequest } from '../protocol/wire.js';
import { encodeAdvertise } from '../protocol/v3/advertise.js';
import { encodeAnnounce } from '../protocol/v3/announce.js';
import { capabilitiesOf } from '../protocol/v3/capabilities.js';
import { decodeConfirmAnswer, encodeConfirm } from '../protocol/v3/confirm.js';
import { asPeerAnswer, peerFailure } from '../protocol/v3/peer-failure.js';
import { decodeOfferAnswer, encodeOffer } from '../protocol/v3/offer.js';
import { decodeReadAnswer } from '../protocol/v3/read-answer.js';
import { encodeRead } from '../protocol/v3/read.js';
import { readAcknowledgement } from '../protocol/v3/registration.js';
import { decodeReplyAnswer, encodeReply } from '../protocol/v3/reply.js';
import { understand } from '../protocol/v3/responses.js';
import { understandAnswer, verbLine } from '../protocol/v4/batch.js';
import { needsStream } from '../protocol/v4/read.js';
import { codecOf, isBatchedVerb, type BatchedName } from '../protocol/v4/table.js';
import type { Clock } from '../support/clock.js';
import { RedlinkError } from '../support/errors.js';
import { InProcessDirectory } from './in-process.js';
import { KnownCapabilities } from './known-capabilities.js';
import type { CallLimits, Peers, ToldOfCut, Transport } from './port.js';
import { VerbBatches } from './verb-batches.js';

/** Small verbs: a store that needs longer is not there, for who waits for it (DEFECTS 11, 22). */
const SMALL_VERB_LIMITS: CallLimits = { answerWithinMs: 5_000, idleMs: 5_000 };

/**
 * A read is answered when the producer's store has found the message, which may be 16 stores away
 * and on a disk. Its body may take as long as it likes, if only bytes keep coming.
 */
const READ_LIMITS: CallLimits = { answerWithinMs: 30_000, idleMs: 15_000 };

/** A small reply, which may pass 16 stores. */
const REPLY_LIMITS: CallLimits = { answerWithinMs: 30_000, idleMs: 15_000 };

/** A large reply: sending it counts too, and 1 GiB over 3 Mbit/s takes 48 minutes. The idle limit finds dead peers. */
const LARGE_REPLY_LIMITS: CallLimits = { answerWithinMs: 3_600_000, idleMs: 30_000 };

const HTTP_OK = 200;

/** What stores of the same process need to know of the one that asks. */
export interface OwnName {
  readonly storeName: string;
  /** @throws RedlinkError `OTHER_MESH` where this store may have no link to the one named */
  mustLink(storeName: string): void;
}

/** Other stores, by a call where they are in this process, else over the wire. */
export class WirePeers implements Peers {
  private readonly known = new KnownCapabilities();
  private readonly batches: VerbBatches;

  constructor(
    private readonly transport: Transport,
    clock: Clock,
    private readonly directory: InProcessDirectory = new InProcessDirectory(),
    private readonly own?: OwnName,
  ) {
    this.batches = new VerbBatches(transport, clock);
  }

  async call<V extends Verb>(to: Address, verb: V): Promise<AnswerTo[V['verb']]> {
    const here = this.directory.find(to);
    if (here !== undefined) {
      this.own?.mustLink(here.capabilities.storeName);
      return here.answer(verb, { remoteIp: undefined, storeName: this.own?.storeName });
    }
    const answer = await this.inBatch(to, verb);
    // The ways of asking switch on the same field that this type is taken from; TypeScript cannot follow that.
    return (answer ?? (await this.alone(to, verb))) as AnswerTo[V['verb']];
  }

  capabilities(to: Address): Capabilities | undefined {
    return this.directory.find(to)?.capabilities ?? this.known.get(to);
  }

  onCut(told: ToldOfCut): void {
    this.transport.onCut?.(told);
  }

  /** A store has said, by announcing itself, what it speaks; undefined: version 3. */
  learn(from: Address, capabilities: Capabilities | undefined): void {
    this.known.learn(from, capabilities);
  }

  /** The answer of a peer that takes batches; undefined where the verb must travel alone. */
  private async inBatch(to: Address, verb: Verb): Promise<AnswerTo[keyof AnswerTo] | undefined> {
    if (!isBatchedVerb(verb) || (this.known.get(to) === undefined && !isForNewStores(verb))) return undefined;
    try {
      return await this.batched(to, verb.verb, verb);
    } catch (thrown) {
      if (isNeedForStream(thrown) && !wantsInline(verb)) return undefined;
      throw thrown;
    }
  }

  private async batched<Name extends BatchedName>(
    to: Address,
    name: Name,
    verb: VerbNamed<Name>,
  ): Promise<AnswerTo[Name] | undefined> {
    const line = verbLine(name, verb);
    if (line === undefined) return undefined;
    const outcome = await this.batches.ask(to, line, codecOf(name).answerWithinMs);
    if (outcome.kind === 'answered') return asPeerAnswer(() => understandAnswer(name, outcome.wire, verb));
    // A 3.0.5 store has taken the place of the one that was known there.
    this.known.learn(to, undefined);
    return undefined;
  }

  private async alone(to: Address, verb: Verb): Promise<AnswerTo[keyof AnswerTo]> {
    const peer = this.known.get(to);
    switch (verb.verb) {
      case 'announce':
        return this.announce(to, verb);
      case 'advertise':
        return understand(await this.post(to, encodeAdvertise(verb, peer)), readAcknowledgement);
      case 'offer':
        return understand(await this.post(to, encodeOffer(verb)), onlyOk(decodeOfferAnswer));
      case 'vacancy':
        // Only batches carry it, and the store there takes none any more: it asks again by itself.
        return { kind: 'invited', coming: 0, more: false };
      case 'confirm':
        return understand(
          await this.post(to, encodeConfirm(verb, peer)),
          onlyOk((wire) => decodeConfirmAnswer(wire, verb)),
        );
      case 'read':
        // What a 3.0.5 store has sent counts as read: it must not be asked for what may be thrown away.
        if (wantsInline(verb)) throw needsStream();
        return decodeReadAnswer(await this.post(to, encodeRead(verb, peer), READ_LIMITS), verb);
      case 'reply': {
        const request = encodeReply(verb, peer);
        const limits = typeof request.body === 'string' ? REPLY_LIMITS : LARGE_REPLY_LIMITS;
        return understand(await this.post(to, request, limits), decodeReplyAnswer);
      }
      case 'probe':
      case 'recall':
        throw new RedlinkError('PEER_ANSWER', 'The other store speaks version 3 and cannot be probed.');
      case 'taken':
      case 'renew':
        throw new RedlinkError('PEER_ANSWER', 'The other store speaks version 3 and knows no leases.');
    }
  }

  private async announce(to: Address, verb: Announce): Promise<AnswerTo['announce']> {
    return understand(await this.post(to, encodeAnnounce(verb)), (status, wire) => {
      const answer = readAcknowledgement(status, wire);
      this.known.learn(to, capabilitiesOf(wire));
      return answer;
    });
  }

  private post(to: Address, request: WireRequest, limits = SMALL_VERB_LIMITS): Promise<ArrivingResponse> {
    return this.transport.post(to, request, limits);
  }
}

/** Offers and confirmations are answered with HTTP 200, whatever the outcome; all else is a failure. */
function onlyOk<T>(meaning: (wire: unknown) => T): (status: number, wire: unknown) => T {
  return (status, wire) => {
    if (status !== HTTP_OK) throw peerFailure(status, wire);
    return meaning(wire);
  };
}

/** Whether only a store that speaks more than version 3 can have caused the verb: it named the assignment. */
function isForNewStores(verb: Verb): boolean {
  return verb.verb === 'taken' || verb.verb === 'renew' || ('token' in verb && verb.token !== undefined);
}

/** A relay asked by a reader that would rather ask again than have a stream. */
function wantsInline(verb: Verb): boolean {
  return verb.verb === 'read' && verb.carriage === 'inline';
}

function isNeedForStream(thrown: unknown): boolean {
  return thrown instanceof RedlinkError && thrown.code === 'NEEDS_STREAM';
}
