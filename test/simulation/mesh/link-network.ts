import { addressKey, type Address } from '../../../src/protocol/address.js';
import type { AnswerTo, Capabilities, Verb } from '../../../src/protocol/verbs.js';
import { RedlinkError } from '../../../src/support/errors.js';
import type { Answerer, Listener, Peers } from '../../../src/transport/port.js';
import type { VirtualClock } from '../virtual-clock.js';

/** How long the way between two stores takes, ms; undefined: it is cut. */
export type DelayBetween = (from: Address, to: Address) => number | undefined;

/** How long it takes to find out that a link is cut, ms: the other machine refuses, or the router says so. */
const REFUSED_AFTER_MS = 5;

/**
 * A network of links, each with a delay of its own, that loses nothing but what goes over a cut link.
 * It counts what passes. Lean, for a thousand stores: whole verbs are handed over.
 */
export class LinkNetwork {
  /** Called when a verb was answered: the moment at which it had its effect on the store at `to`. */
  onAnswered: (to: Address, verb: Verb) => void = () => undefined;
  /** Called when something may have changed the routes of the store at `at`; no service: of all of them. */
  onTouched: (at: Address, service?: string) => void = () => undefined;
  readonly counts = new Map<Verb['verb'], number>();
  private readonly stations = new Map<string, Answerer>();
  /** What stores have said of themselves, by who heard it and who said it. */
  private readonly learned = new Map<string, Capabilities>();
  private underWay = 0;

  constructor(
    private readonly clock: VirtualClock,
    private readonly delayBetween: DelayBetween,
  ) {}

  /** Whether nothing is on its way. */
  get idle(): boolean {
    return this.underWay === 0;
  }

  /** Requests sent so far. */
  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  listen(address: Address, answerer: Answerer): Listener {
    const key = addressKey(address);
    this.stations.set(key, answerer);
    return {
      close: async () => {
        this.stations.delete(key);
      },
    };
  }

  peersOf(from: Address): Peers {
    return {
      call: (to, verb) => this.call(from, to, verb),
      capabilities: (to) => this.learned.get(heardKey(from, to)),
    };
  }

  private call<V extends Verb>(from: Address, to: Address, verb: V): Promise<AnswerTo[V['verb']]> {
    this.counts.set(verb.verb, (this.counts.get(verb.verb) ?? 0) + 1);
    this.underWay += 1;
    return new Promise((resolve, reject) => {
      const refuse = (error: unknown): void => {
        this.underWay -= 1;
        this.onTouched(from);
        reject(new RedlinkError('PEER_UNREACHABLE', `nobody answers at ${addressKey(to)}`, error));
      };
      const delayMs = this.delayBetween(from, to);
      if (delayMs === undefined) {
        this.clock.after(REFUSED_AFTER_MS, () => {
          refuse(undefined);
        });
        return;
      }
      this.clock.after(delayMs, () => {
        this.arrive(from, to, verb).then((answer) => {
          this.onAnswered(to, verb);
          if (verb.verb === 'advertise') this.onTouched(to, verb.service);
          else this.onTouched(to);
          this.clock.after(delayMs, () => {
            if (this.delayBetween(from, to) === undefined) {
              refuse(undefined);
              return;
            }
            this.underWay -= 1;
            if (verb.verb === 'announce') {
              this.learn(from, to);
              this.onTouched(from);
            }
            resolve(answer);
          });
        }, refuse);
      });
    });
  }

  private async arrive<V extends Verb>(from: Address, to: Address, verb: V): Promise<AnswerTo[V['verb']]> {
    const answerer = this.stations.get(addressKey(to));
    if (answerer === undefined || this.delayBetween(from, to) === undefined) {
      throw new RedlinkError('PEER_UNREACHABLE', `nobody answers at ${addressKey(to)}`);
    }
    if (verb.verb === 'announce') this.learn(to, from);
    return answerer.answer(verb, { remoteIp: from.host });
  }

  private learn(who: Address, ofWhom: Address): void {
    const station = this.stations.get(addressKey(ofWhom));
    if (station !== undefined) this.learned.set(heardKey(who, ofWhom), station.capabilities);
  }
}

function heardKey(who: Address, ofWhom: Address): string {
  return `${addressKey(who)} ${addressKey(ofWhom)}`;
}
