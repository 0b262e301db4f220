import { compare } from './compare.js';
import { Happenings } from './happenings.js';
import { type Json, property, textOf } from './json.js';
import { type Exchange, kindOf, type Request } from './recording.js';
import { messageIdOf } from './script.js';
import { refreshedView } from './views.js';

/** The requests that our stores are to send, and which of them came. */
export class Expectations {
  readonly #met = new Happenings();

  constructor(private readonly exchanges: readonly Exchange[]) {}

  /**
   * Finds what of the recording a request stands for.
   * @param to short name of the store that got it.
   * @param request translated into the recording's world.
   * @param reachedMs the moment of the recording up to which the player has played.
   */
  take(to: string, request: Request, reachedMs: number): Exchange | undefined {
    const candidates = this.exchanges.filter(
      (exchange) => exchange.to === to && isSameMatter(exchange, request),
    );
    const found = this.#choose(candidates, request, reachedMs);
    // A refreshed registration does not stand for the first one.
    if (found !== undefined && !isRefreshed(found, request)) {
      this.#met.note(needKey(found));
    }
    return found;
  }

  /** Which store got a request about the same matter, this one where several did; undefined: none. */
  receiverOf(to: string, request: Request): string | undefined {
    const receivers = this.exchanges
      .filter((exchange) => isSameMatter(exchange, request))
      .map((one) => one.to);
    return receivers.find((receiver) => receiver === to) ?? receivers[0];
  }

  /** An exchange of the same kind, with the same store, about another message. */
  similar(to: string, request: Request): Exchange | undefined {
    const kind = kindOf(request.path, request.body);
    return this.exchanges.find((exchange) => exchange.to === to && exchange.kind === kind);
  }

  isMet(exchange: Exchange): boolean {
    return this.#met.has(needKey(exchange));
  }

  async met(exchange: Exchange): Promise<void> {
    await this.#met.wait(needKey(exchange));
  }

  /** What never came; of several equal ones, the first. */
  missing(): Exchange[] {
    const reported = new Set<string>();
    return this.exchanges.filter((exchange) => {
      const key = needKey(exchange);
      const isNew = !this.isMet(exchange) && !reported.has(key);
      reported.add(key);
      return isNew;
    });
  }

  #choose(candidates: readonly Exchange[], request: Request, reachedMs: number): Exchange | undefined {
    switch (kindOf(request.path, request.body)) {
      case 'offer':
        // An offer is repeated until it is taken: the last one of the part that is being played answers it.
        return candidates.filter(({ startsAtMs }) => startsAtMs <= reachedMs).at(-1) ?? candidates[0];
      case 'announce':
      case 'advertise':
        return (
          candidates.find((one) => compare(one.request.body, request.body).length === 0) ?? candidates[0]
        );
      case 'confirm':
      case 'read':
      case 'reply':
      case 'other':
        return candidates.find((one) => !this.isMet(one)) ?? candidates.at(-1);
    }
  }
}

/** Whether a request is a recorded registration in the form of its refreshments, where that is another form. */
export function isRefreshed(exchange: Exchange, request: Request): boolean {
  const recorded = exchange.request.body;
  return (
    exchange.kind === 'advertise' &&
    compare(recorded, request.body).length > 0 &&
    compare(refreshedView(recorded), request.body).length === 0
  );
}

/** Whether a request is about what the recorded one was about. */
function isSameMatter(exchange: Exchange, request: Request): boolean {
  return (
    exchange.kind === kindOf(request.path, request.body) &&
    messageIdOf(exchange) === textOf(request.body, 'redlinkMsgId') &&
    newsOf(exchange.request.body) === newsOf(request.body)
  );
}

/** What has to come once: repeated news and repeated offers with the same outcome are one. */
function needKey(exchange: Exchange): string {
  switch (exchange.kind) {
    case 'announce':
    case 'advertise':
      return `${exchange.to} ${newsOf(exchange.request.body)}`;
    case 'offer': {
      const taker = textOf(exchange.answer?.body, 'consumerId');
      // Which of several waiting messages is offered while nobody has room is each store's own choice.
      return taker === '' ? `${exchange.to} refused` : `${exchange.to} ${messageIdOf(exchange)} ${taker}`;
    }
    case 'confirm':
    case 'read':
    case 'reply':
    case 'other':
      return String(exchange.n);
  }
}

function newsOf(body: Json): string {
  const consumer = property(body, 'consumer');
  return ['direction', 'serviceName', 'consumerId', 'storeName']
    .map((key) => textOf(consumer, key))
    .join(' ');
}
