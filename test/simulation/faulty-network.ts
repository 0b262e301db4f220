import { addressKey, type Address } from '../../src/protocol/address.js';
import type { AnswerTo, Capabilities, Verb } from '../../src/protocol/verbs.js';
import { asError, RedlinkError } from '../../src/support/errors.js';
import type { Answerer, Peers, ToldOfCut } from '../../src/transport/port.js';
import { carryAnswer, carryRequest, inVersion3, type Found, isFound, type Pause } from './carriage.js';
import { outcome, subject } from './describe-verb.js';
import type { Connection, SimulatedNetwork, StationOptions } from './network.js';
import type { SeededRandom } from './seeded-random.js';
import type { Trace } from './trace.js';
import type { VirtualClock } from './virtual-clock.js';
import { CALM, drawFate, type Fate, type Weather } from './weather.js';

/** Milliseconds after which a caller gives up, by verb. */
const GIVES_UP_AFTER_MS: Record<Verb['verb'], number> = {
  announce: 5_000,
  advertise: 5_000,
  offer: 5_000,
  vacancy: 5_000,
  confirm: 5_000,
  read: 30_000,
  reply: 30_000,
  taken: 5_000,
  renew: 5_000,
  probe: 5_000,
  recall: 5_000,
};

/** A store on the network. */
interface Station {
  readonly address: Address;
  readonly answerer: Answerer;
  /** Whether it says what it is, or passes for a 3.0.5 store. */
  readonly modern: boolean;
  /** What its neighbours said of themselves, by their address. */
  readonly learned: Map<string, Capabilities>;
  /** Its own calls, and the calls of others that it is answering. */
  readonly asking: Set<Ending>;
  readonly answering: Set<Ending>;
  /** What came in while its process stood still; undefined: it runs. */
  held: (() => void)[] | undefined;
}

/** A call under way, as far as its end is concerned. */
interface Ending {
  /** Makes it fail, unless it has ended. */
  fail(error: RedlinkError): void;
  /** Makes it never end: who asked is no more. */
  forget(): void;
}

/**
 * A network that hands verbs from store to store through the virtual clock, each
 * request with the fate that weather and seed give it.
 */
export class FaultyNetwork implements SimulatedNetwork {
  weather: Weather = CALM;
  /** Called when the whole of a message was taken off the store that answered a read, or counts as read. */
  onTakenOff: (messageId: string) => void = () => undefined;
  readonly #clock: VirtualClock;
  readonly #random: SeededRandom;
  readonly #trace: Trace;
  readonly #stations = new Map<string, Station>();
  /** Directions in which nothing passes, `from>to`. */
  readonly #separated = new Set<string>();
  readonly #pause: Pause;
  /** Who wants to hear of ended connections, by station. */
  readonly #toldOfCuts = new Map<string, ToldOfCut>();
  #calls = 0;

  constructor(clock: VirtualClock, random: SeededRandom, trace: Trace) {
    this.#clock = clock;
    this.#random = random;
    this.#trace = trace;
    this.#pause = () => new Promise((resolve) => clock.after(this.weather.maxDelayMs, resolve));
  }

  /** Requests sent since the start. */
  get calls(): number {
    return this.#calls;
  }

  join(address: Address, { modern }: StationOptions): Connection {
    return {
      peers: this.peersOf(address),
      listen: async (answerer) => {
        this.open(address, answerer, modern);
        return {
          close: async () => {
            this.close(address, false);
          },
        };
      },
    };
  }

  kill(address: Address): void {
    this.close(address, true);
  }

  /** Puts a store on the network. `modern` false: nobody learns that it knows more than version 3. */
  open(address: Address, answerer: Answerer, modern: boolean): void {
    const station = { address, answerer, modern, learned: new Map(), asking: new Set<Ending>() };
    this.#stations.set(addressKey(address), { ...station, answering: new Set(), held: undefined });
  }

  /**
   * Takes a store off the network: what it was answering breaks.
   * @param killed its own calls never end, as when its process dies; otherwise they fail.
   */
  close(address: Address, killed: boolean): void {
    const station = this.#stations.get(addressKey(address));
    if (station === undefined) return;
    this.#stations.delete(addressKey(address));
    const broken = new RedlinkError('PEER_UNREACHABLE', `${addressKey(address)} went away`);
    for (const call of [...station.asking]) {
      if (killed) call.forget();
      else call.fail(broken);
    }
    for (const call of [...station.answering]) call.fail(broken);
    this.#tellOfCut(address);
  }

  /** Those that have talked to a store have open connections to it, whose end they notice; where the network lets them. */
  #tellOfCut(to: Address): void {
    this.#toldOfCuts.delete(addressKey(to));
    for (const [from, told] of this.#toldOfCuts) {
      const knows = this.#stations.get(from)?.learned.has(addressKey(to)) === true;
      if (!knows || this.#separated.has(`${addressKey(to)}>${from}`)) continue;
      this.#clock.after(this.weather.minDelayMs, () => {
        if (this.#toldOfCuts.get(from) !== told) return;
        const tell = (): void => {
          told(to);
        };
        const held = this.#stations.get(from)?.held;
        if (held === undefined) tell();
        else held.push(tell);
      });
    }
  }

  /** Lets nothing pass between two stores, in either direction, until {@link heal}. */
  separate(a: Address, b: Address): void {
    this.#separated.add(`${addressKey(a)}>${addressKey(b)}`);
    this.#separated.add(`${addressKey(b)}>${addressKey(a)}`);
  }

  /** Lets nothing pass from one store to another, neither what it asks nor what it answers, until {@link heal}. */
  mute(from: Address, to: Address): void {
    this.#separated.add(`${addressKey(from)}>${addressKey(to)}`);
  }

  /** The process of a store stands still: what is sent to it waits in its connections until {@link thaw}. */
  freeze(address: Address): void {
    const station = this.#stations.get(addressKey(address));
    if (station !== undefined) station.held ??= [];
  }

  /** It goes on: everything that came meanwhile arrives at once. */
  thaw(address: Address): void {
    const station = this.#stations.get(addressKey(address));
    const held = station?.held ?? [];
    if (station !== undefined) station.held = undefined;
    for (const arrive of held) arrive();
  }

  /** Ends all separations and calms the weather. */
  heal(): void {
    this.#separated.clear();
    this.weather = CALM;
  }

  /** How the store at `from` reaches the others. */
  peersOf(from: Address): Peers {
    return {
      call: (to, verb) => this.#call(from, to, verb),
      onCut: (told) => {
        this.#toldOfCuts.set(addressKey(from), told);
      },
      capabilities: (to) => {
        const asking = this.#stations.get(addressKey(from));
        // One that passes for a 3.0.5 store understands nothing of what others say of themselves.
        return asking?.modern === true ? asking.learned.get(addressKey(to)) : undefined;
      },
    };
  }

  #call<V extends Verb>(from: Address, to: Address, verb: V): Promise<AnswerTo[V['verb']]> {
    this.#calls += 1;
    const name = `${verb.verb}#${this.#calls}`;
    const asking = this.#stations.get(addressKey(from));
    if (asking === undefined) {
      return Promise.reject(new RedlinkError('CLOSED', `${addressKey(from)} is off the network and asks`));
    }
    this.#note(from, `${name} to ${addressKey(to)} ${subject(verb)}`);
    return new Promise((resolve, reject) => {
      // One that stands still hears of no outcome before it goes on.
      const hear = (outcome: () => void): void => {
        if (asking.held === undefined) outcome();
        else asking.held.push(outcome);
      };
      const call = new Call<V>(
        name,
        drawFate(this.weather, this.#random),
        (answer) => {
          hear(() => {
            resolve(answer);
          });
        },
        (error) => {
          hear(() => {
            reject(error);
          });
        },
      );
      const timer = this.#clock.after(GIVES_UP_AFTER_MS[verb.verb], () => {
        call.fail(new RedlinkError('PEER_TIMEOUT', `no answer from ${addressKey(to)}`));
      });
      asking.asking.add(call);
      call.onEnd = (outcome) => {
        timer.cancel();
        asking.asking.delete(call);
        this.#note(from, `${name} ${outcome}`);
      };
      const speaksMore = asking.modern && this.#stations.get(addressKey(to))?.modern !== false;
      const said = speaksMore ? verb : inVersion3(verb);
      this.#send(from, to, said, call).catch((error: unknown) => {
        call.fail(new RedlinkError('PEER_UNREACHABLE', `${name} could not be sent`, error));
      });
    });
  }

  /** Brings the request to the other store, once or twice, unless the network swallows it. */
  async #send<V extends Verb>(from: Address, to: Address, verb: V, call: Call<V>): Promise<void> {
    const copy = await carryRequest(verb, call.fate, this.#pause);
    const { requestDelayMs, repeatAfterMs, dropped } = call.fate;
    if (dropped || this.#separated.has(`${addressKey(from)}>${addressKey(to)}`)) return;
    this.#clock.after(requestDelayMs, () => void this.#arrive(from, to, copy(), call));
    if (verb.verb === 'reply' && call.fate.cutAfter !== undefined) {
      this.#failLater(call, new RedlinkError('PEER_UNREACHABLE', 'the connection broke while sending'));
    }
    if (repeatAfterMs === undefined) return;
    const echo = new Call<V>(`${call.name}-again`, { ...call.fate, answerLost: true });
    this.#clock.after(requestDelayMs + repeatAfterMs, () => void this.#arrive(from, to, copy(), echo));
  }

  async #arrive<V extends Verb>(from: Address, to: Address, verb: V, call: Call<V>): Promise<void> {
    const station = this.#stations.get(addressKey(to));
    if (station === undefined) {
      this.#failLater(call, new RedlinkError('PEER_UNREACHABLE', `nobody listens at ${addressKey(to)}`));
      return;
    }
    if (station.held !== undefined) {
      station.held.push(() => void this.#arrive(from, to, verb, call));
      return;
    }
    this.#note(to, `${call.name} arrives`);
    station.answering.add(call);
    try {
      const answer = await station.answerer.answer(verb, { remoteIp: from.host });
      this.#learn(station, verb, answer);
      if (verb.verb === 'taken' && answer.kind === 'taken') this.onTakenOff(verb.messageId);
      await this.#bringBack(from, station, answer, call);
    } catch (error) {
      this.#note(to, `${call.name} throws: ${asError(error).message}`);
      this.#failLater(call, new RedlinkError('PEER_ANSWER', asError(error).message, error));
    } finally {
      station.answering.delete(call);
    }
  }

  /** As the wire does (wire-server.ts): what an announcement says is believed once it is answered so. */
  #learn(station: Station, verb: Verb, answer: AnswerTo[keyof AnswerTo]): void {
    if (verb.verb !== 'announce' || verb.capabilities === undefined) return;
    if (answer.kind !== 'acknowledged' || answer.isDoubted === true) return;
    station.learned.set(addressKey(verb.from), verb.capabilities);
  }

  /** Carries the answer, and the body of a read, back to the caller. */
  async #bringBack<V extends Verb>(
    from: Address,
    station: Station,
    answer: AnswerTo[V['verb']],
    call: Call<V>,
  ): Promise<void> {
    const back = `${addressKey(station.address)}>${addressKey(from)}`;
    const lost = call.ended || call.fate.answerLost || this.#separated.has(back);
    const carried = isFound(answer)
      ? await carryAnswer(this.#watched(answer), call.fate, lost, this.#pause)
      : answer;
    this.#note(station.address, `${call.name} answers ${outcome(answer)}${lost ? ', lost' : ''}`);
    if (lost) return;
    this.#clock.after(call.fate.answerDelayMs, () => {
      const learns = call.name.startsWith('announce') && station.modern;
      if (learns) {
        const asking = this.#stations.get(addressKey(from));
        asking?.learned.set(addressKey(station.address), station.answerer.capabilities);
      }
      call.succeed(carried);
    });
  }

  #watched<A extends Found>(answer: A): A {
    const settle = (delivered: boolean): void => {
      if (delivered) this.onTakenOff(answer.meta.messageId);
      answer.settle(delivered);
    };
    return { ...answer, settle };
  }

  #failLater(call: Ending & { readonly fate: Fate }, error: RedlinkError): void {
    this.#clock.after(call.fate.answerDelayMs, () => {
      call.fail(error);
    });
  }

  #note(at: Address, what: string): void {
    this.#trace.note(at.host, what);
  }
}

/** One request under way. */
class Call<V extends Verb> implements Ending {
  readonly name: string;
  readonly fate: Fate;
  onEnd: (outcome: string) => void = () => undefined;
  ended = false;
  readonly #resolve: ((answer: AnswerTo[V['verb']]) => void) | undefined;
  readonly #reject: ((error: Error) => void) | undefined;

  constructor(
    name: string,
    fate: Fate,
    resolve?: (answer: AnswerTo[V['verb']]) => void,
    reject?: (error: Error) => void,
  ) {
    this.name = name;
    this.fate = fate;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  succeed(answer: AnswerTo[V['verb']]): void {
    if (this.#end('answered')) this.#resolve?.(answer);
  }

  fail(error: RedlinkError): void {
    if (this.#end(`fails: ${error.code}`)) this.#reject?.(error);
  }

  forget(): void {
    this.#end('forgotten');
  }

  #end(outcome: string): boolean {
    if (this.ended) return false;
    this.ended = true;
    this.onEnd(outcome);
    return true;
  }
}
