import { addressKey, type Address } from '../protocol/address.js';
import type { AnswerTo, Capabilities, Verb } from '../protocol/verbs.js';
import type { Peers, ToldOfCut } from '../transport/port.js';
import type { Clock, Timer } from '../support/clock.js';
import { asError, RedlinkError } from '../support/errors.js';
import type { FailureSink } from './offer-ports.js';
import type { Neighbour, Neighbours } from './neighbours.js';

/**
 * A neighbour that owes answers and has given none for so long, ms, is asked whether it is there at all. Long enough
 * for a store that is merely busy, short enough that others are asked within about a second.
 */
export const SILENCE_MS = 500;

/** How often silence is looked for while answers are owed, ms. */
const LOOK_EVERY_MS = 250;

/** A look that comes so much too late, ms, says that this store stood still itself, and nothing of others. */
const OVERSLEPT_MS = 1_000;

/** Whether a call could go another way than through a neighbour that stands still. */
export type OtherWay = (verb: Verb, neighbour: Neighbour) => boolean;

/** A call that waits for its answer. */
interface Waiting {
  readonly verb: Verb;
  readonly since: number;
  readonly giveUp: (error: Error) => void;
}

/** What is owed by one neighbour: there is one only while anything is. */
interface Watch {
  readonly key: string;
  readonly to: Address;
  readonly waiting: Set<Waiting>;
  /** Monotonic moment of its last answer, or of the call from which on it owes any, ms. */
  heardAt: number;
  /** When it was asked whether it is there, and has not answered since; undefined: it was not asked. */
  probedAt: number | undefined;
}

/**
 * Finds out which neighbours stand still: frozen, stopped, or behind a network that swallows everything. Their
 * connections stay open, so that only silence tells. One that does not even answer a probe is _suspect_: others are
 * asked first, and calls that can go another way are given up. It is lost when the probe's own time limit passes.
 * Only stores that speak version 4 are probed; a 3.0.5 store is known by the time limits of calls alone.
 */
export class Liveness implements Peers {
  private readonly watches = new Map<string, Watch>();
  private timer: Timer | undefined;
  private lookDueAt = 0;
  /** Answers owed by all neighbours together: while there are none, nobody is looked at. */
  private owed = 0;
  private closed = false;

  constructor(
    private readonly peers: Peers,
    private readonly neighbours: Neighbours,
    private readonly clock: Clock,
    private readonly failures: FailureSink,
    private readonly hasOtherWay: OtherWay,
  ) {}

  close(): void {
    this.closed = true;
    this.timer?.cancel();
    this.timer = undefined;
    this.watches.clear();
  }

  capabilities(to: Address): Capabilities | undefined {
    return this.peers.capabilities(to);
  }

  onCut(told: ToldOfCut): void {
    this.peers.onCut?.(told);
  }

  async call<V extends Verb>(to: Address, verb: V): Promise<AnswerTo[V['verb']]> {
    const watch = this.watchOf(to);
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { verb, since: this.clock.now(), giveUp: reject };
      this.begins(watch, waiting);
      this.peers.call(to, verb).then(
        (answer) => {
          this.answered(watch, waiting);
          // It was given up, and has been asked for elsewhere.
          if (!this.ended(watch, waiting)) leave(answer);
          resolve(answer);
        },
        (thrown: unknown) => {
          this.ended(watch, waiting);
          reject(asError(thrown));
        },
      );
    });
  }

  private watchOf(to: Address): Watch {
    const key = addressKey(to);
    let watch = this.watches.get(key);
    if (watch === undefined) {
      watch = { key, to, waiting: new Set(), heardAt: this.clock.now(), probedAt: undefined };
      this.watches.set(key, watch);
    }
    return watch;
  }

  private begins(watch: Watch, waiting: Waiting): void {
    watch.waiting.add(waiting);
    this.owed += 1;
    this.lookLater();
  }

  /** @returns whether it was still waited for */
  private ended(watch: Watch, waiting: Waiting): boolean {
    if (!watch.waiting.delete(waiting)) return false;
    this.owed -= 1;
    if (watch.waiting.size === 0) this.watches.delete(watch.key);
    if (this.owed === 0) {
      this.timer?.cancel();
      this.timer = undefined;
    }
    return true;
  }

  private answered(watch: Watch, { since }: Waiting): void {
    watch.heardAt = Math.max(since, this.clock.now());
    watch.probedAt = undefined;
    const neighbour = this.neighbours.findAny(watch.to);
    if (neighbour?.suspect === true) this.neighbours.setSuspect(neighbour, false);
  }

  /** There is never more than one look ahead, and none while nothing is owed. */
  private lookLater(): void {
    if (this.timer !== undefined || this.owed === 0 || this.closed) return;
    this.lookDueAt = this.clock.now() + LOOK_EVERY_MS;
    this.timer = this.clock.after(LOOK_EVERY_MS, () => {
      this.timer = undefined;
      const now = this.clock.now();
      const overslept = now - this.lookDueAt > OVERSLEPT_MS;
      for (const watch of this.watches.values()) {
        if (overslept) watch.heardAt = now;
        else this.look(watch, now);
      }
      this.lookLater();
    });
  }

  private look(watch: Watch, now: number): void {
    if (now - watch.heardAt < SILENCE_MS) return;
    const neighbour = this.neighbours.findAny(watch.to);
    if (neighbour === undefined || this.peers.capabilities(watch.to) === undefined) return;
    if (watch.probedAt === undefined) {
      watch.probedAt = now;
      void this.probe(watch, neighbour);
      return;
    }
    if (now - watch.probedAt < SILENCE_MS) return;
    this.neighbours.setSuspect(neighbour, true);
    this.giveUp(watch, neighbour, now);
  }

  private async probe(watch: Watch, neighbour: Neighbour): Promise<void> {
    const asked: Waiting = { verb: { verb: 'probe' }, since: this.clock.now(), giveUp: () => undefined };
    this.begins(watch, asked);
    try {
      await this.peers.call(watch.to, { verb: 'probe' });
      this.answered(watch, asked);
    } catch (error) {
      watch.probedAt = undefined;
      if (!this.closed) this.failures.neighbourFailed(neighbour, error);
    } finally {
      this.ended(watch, asked);
    }
  }

  private giveUp(watch: Watch, neighbour: Neighbour, now: number): void {
    for (const waiting of watch.waiting) {
      if (now - waiting.since < SILENCE_MS || !this.hasOtherWay(waiting.verb, neighbour)) continue;
      this.ended(watch, waiting);
      waiting.giveUp(new StandsStillError('PEER_TIMEOUT', `${neighbour.key} stands still`));
    }
  }
}

/** A call was given up because another way is open; the neighbour itself is not lost by that. */
export class StandsStillError extends RedlinkError {}

/** An answer that nobody waits for any more: a message in it stays unread. */
function leave(answer: AnswerTo[keyof AnswerTo]): void {
  if (answer.kind === 'found') answer.settle(false);
}
