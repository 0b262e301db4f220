import type { Address } from '../protocol/address.js';
import type { Acknowledged, Capabilities, Read, ReadAnswer, Reply } from '../protocol/verbs.js';
import { decodeAdvertise } from '../protocol/v3/advertise.js';
import { decodeAnnounce } from '../protocol/v3/announce.js';
import { decodeConfirm, encodeConfirmAnswer, refuseConfirm } from '../protocol/v3/confirm.js';
import { parseJson, readText } from '../protocol/v3/json-body.js';
import { notifyKind } from '../protocol/v3/notify-kind.js';
import { decodeOffer, encodeOfferAnswer, refuseOffer } from '../protocol/v3/offer.js';
import { encodeReadAnswer } from '../protocol/v3/read-answer.js';
import { decodeRead, READ_PATH, readerIsNew, readFailure, readWithoutId } from '../protocol/v3/read.js';
import { acknowledgement, NOTIFY_PATH } from '../protocol/v3/registration.js';
import type { JsonAnswer } from '../protocol/v3/registration.js';
import { withReply } from '../protocol/v3/reply-body.js';
import type { Spooling } from '../protocol/v3/reply-body.js';
import { isReplyMessage, readReplyMessage } from '../protocol/v3/reply-message.js';
import { decodeReply, encodeReplyAnswer, REPLY_PATH } from '../protocol/v3/reply.js';
import { jsonResponse, refusal, unknownPath } from '../protocol/v3/responses.js';
import { VERBS_PATH } from '../protocol/v4/batch.js';
import type { ArrivingRequest, WireResponse } from '../protocol/wire.js';
import type { Clock } from '../support/clock.js';
import { RedlinkError } from '../support/errors.js';
import type { Log } from '../support/log.js';
import { BatchServer } from './batch-server.js';
import { ownFailure } from './own-failure.js';
import type { Answerer, Sender, Serve } from './port.js';

export interface WireServerOptions extends Spooling {
  /** A store at this address has announced itself, and what it speaks; undefined: version 3. */
  readonly learn: (from: Address, capabilities: Capabilities | undefined) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The answering side of a store on the wire: request → verb → answerer → answer. Whatever comes is
 * answered: a bad request in the form that keeps its sender alive (WIRE 8), all else with a code.
 */
export function serveVerbs(answerer: Answerer, options: WireServerOptions): Serve {
  const server = new WireServer(answerer, options);
  return (request) => server.serve(request);
}

class WireServer {
  private readonly batches: BatchServer;

  constructor(
    private readonly answerer: Answerer,
    private readonly options: WireServerOptions,
  ) {
    this.batches = new BatchServer(answerer, options.clock, options.log);
  }

  async serve(request: ArrivingRequest): Promise<WireResponse> {
    const sender = { remoteIp: request.remoteIp, storeName: request.senderName };
    try {
      switch (request.path) {
        case VERBS_PATH:
          return await this.batches.serve(request);
        case NOTIFY_PATH:
          return jsonResponse(await this.notify(await readBody(request), sender));
        case READ_PATH:
          return await this.read(await readBody(request), sender);
        case REPLY_PATH:
          return jsonResponse(await this.reply(request, sender));
        default:
          return jsonResponse(unknownPath());
      }
    } catch (thrown) {
      if (!(thrown instanceof RedlinkError)) throw thrown; // The transport answers it without a word of ours.
      return jsonResponse(refusal(thrown));
    }
  }

  private notify(wire: unknown, sender: Sender): Promise<JsonAnswer> {
    switch (notifyKind(wire)) {
      case 'announce':
        return this.announce(wire, sender);
      case 'advertise':
        return this.advertise(wire, sender);
      case 'offer':
        return this.orRefused(
          () => this.offer(wire, sender),
          () => refuseOffer(wire),
        );
      case 'confirm':
        return this.orRefused(
          () => this.confirm(wire, sender),
          () => refuseConfirm(wire),
        );
      case 'unknown':
        throw new RedlinkError('BAD_REQUEST', 'notifyType: none that is known');
    }
  }

  private async announce(wire: unknown, sender: Sender): Promise<JsonAnswer> {
    const verb = decodeAnnounce(wire);
    const answer: Acknowledged = await this.answerer.answer(verb, sender);
    if (answer.kind === 'acknowledged' && answer.isDoubted !== true) {
      this.options.learn(verb.from, verb.capabilities);
    }
    return acknowledgement(answer, verb.capabilities === undefined ? undefined : this.answerer.capabilities);
  }

  private async advertise(wire: unknown, sender: Sender): Promise<JsonAnswer> {
    return acknowledgement(await this.answerer.answer(decodeAdvertise(wire), sender), undefined);
  }

  private async offer(wire: unknown, sender: Sender): Promise<JsonAnswer> {
    const verb = decodeOffer(wire);
    return encodeOfferAnswer(await this.answerer.answer(verb, sender), verb);
  }

  private async confirm(wire: unknown, sender: Sender): Promise<JsonAnswer> {
    const verb = decodeConfirm(wire);
    return encodeConfirmAnswer(await this.answerer.answer(verb, sender), verb);
  }

  private async read(wire: unknown, sender: Sender): Promise<WireResponse> {
    try {
      const verb = decodeRead(wire);
      if (verb.messageId === '') return jsonResponse(readWithoutId(verb));
      return found(await this.answerer.answer(verb, sender), verb, readerIsNew(wire));
    } catch (thrown) {
      const error = ownFailure(thrown, this.options.log);
      return jsonResponse(readFailure(wire, error.message, error.code));
    }
  }

  private async reply(request: ArrivingRequest, sender: Sender): Promise<JsonAnswer> {
    // What follows keeps what arrives, even on the disk.
    this.answerer.mustListenTo?.(sender);
    const answer = async (verb: Reply): Promise<JsonAnswer> =>
      encodeReplyAnswer(await this.answerer.answer(verb, sender), verb);
    if (isReplyMessage(request.headers)) return answer(decodeReply(await readReplyMessage(request.body)));
    const turn = (): Promise<void> =>
      new Promise((resolve) => {
        this.options.clock.soon(resolve);
      });
    return withReply(request.body, this.options, turn, answer);
  }

  /** Does the work; where it fails in any way, answers as a 3.0.5 store needs it. */
  private async orRefused(work: () => Promise<JsonAnswer>, refuse: () => JsonAnswer): Promise<JsonAnswer> {
    try {
      return await work();
    } catch (thrown) {
      const { code, message } = ownFailure(thrown, this.options.log);
      const answer = refuse();
      return { status: answer.status, body: { ...answer.body, error: message, code } };
    }
  }
}

async function readBody(request: ArrivingRequest): Promise<unknown> {
  return parseJson(await readText(request.body, { contentLength: request.headers['content-length'] }));
}

/** The answer to a read that was answered; a message that was found is settled exactly once. */
function found(answer: ReadAnswer, read: Read, toNewReader: boolean): WireResponse {
  if (answer.kind === 'notFound') return encodeReadAnswer(answer, read, toNewReader);
  let settled = false;
  const settle = (delivered: boolean): void => {
    if (settled) return;
    settled = true;
    answer.settle(delivered);
  };
  try {
    return encodeReadAnswer({ ...answer, settle }, read, toNewReader);
  } catch (thrown) {
    settle(false);
    throw thrown;
  }
}
