import { Casting } from './casting.js';
import { compare, type Mismatch } from './compare.js';
import { type Expectations, isRefreshed } from './expectations.js';
import { type Json, textOf } from './json.js';
import { type Certificate, LegacyStore } from './legacy-store.js';
import { type Answer, type Exchange, type Kind, kindOf, type Request } from './recording.js';
import { messageIdOf } from './script.js';
import type { Timeline } from './timeline.js';
import { requestView } from './views.js';
import { withoutLength } from './wire-form.js';
import type { World } from './world.js';

/** Told of what our stores send. */
export interface RequestReport {
  /** A request stood for a recorded one; the places where it is not the same. */
  differs(exchange: Exchange, mismatches: readonly Mismatch[]): void;
  /** A request that 3.0.5 did not send. */
  unexpected(kind: Kind, to: string, body: Json): void;
}

/** The stores of a recording that are not ours: they answer as they did then. */
export class StandIns {
  readonly #stores: LegacyStore[] = [];

  constructor(
    private readonly world: World,
    private readonly casting: Casting,
    private readonly expectations: Expectations,
    private readonly timeline: Timeline,
    private readonly report: RequestReport,
  ) {}

  /** @returns the port where the stand-in of a store listens */
  async open(store: string, certificate: Certificate): Promise<number> {
    const opened = await LegacyStore.listen(certificate, async (request) => this.#serve(store, request));
    this.#stores.push(opened);
    return opened.port;
  }

  async close(): Promise<void> {
    await Promise.all(this.#stores.map(async (store) => store.close()));
  }

  /** Answers what one of our stores sends to a stand-in, as the recorded store did. */
  async #serve(askedStore: string, request: Request): Promise<Answer> {
    const kind = kindOf(request.path, request.body);
    const played = requestView(kind, this.world.toRecorded(request.body));
    const messageId = textOf(played, 'redlinkMsgId');
    const receiver = this.expectations.receiverOf(askedStore, { path: request.path, body: played });
    if (kind === 'offer' && receiver !== undefined) {
      this.casting.swap(messageId, askedStore, receiver);
    }
    const to = this.casting.recast(messageId, askedStore);
    const body = this.casting.recast(messageId, played);
    const exchange = this.expectations.take(to, { path: request.path, body }, this.timeline.reachedMs);
    if (exchange === undefined) {
      return this.#improvise(to, { path: request.path, body });
    }
    const mismatches = isRefreshed(exchange, { path: request.path, body })
      ? []
      : compare(requestView(kind, exchange.request.body), body);
    this.report.differs(exchange, mismatches);
    return this.#answerWith(exchange.answer, messageId);
  }

  /** 3.0.5 did not ask this; it is noted, and answered as 3.0.5 answered the like. */
  #improvise(to: string, { path, body }: Request): Answer {
    const messageId = textOf(body, 'redlinkMsgId');
    this.report.unexpected(kindOf(path, body), to, body);
    const similar = this.expectations.similar(to, { path, body });
    return similar === undefined
      ? { status: 404, headers: {}, body: {} }
      : this.#answerWith(Casting.withMessage(similar, messageIdOf(similar), messageId).answer, messageId);
  }

  #answerWith(recorded: Answer | undefined, messageId: string): Answer {
    const { status, headers, body } = recorded ?? { status: 500, headers: {}, body: {} };
    const play = <T extends Json>(value: T): T => this.world.toOurs(this.casting.recast(messageId, value));
    return { status, headers: play(withoutLength(headers)), body: play(body) };
  }
}
