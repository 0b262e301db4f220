import { addressKey, type Address } from '../protocol/address.js';
import { FULL_BATCH_CHARS, MAX_BATCH_VERBS } from '../protocol/limits.js';
import { batchRequest } from '../protocol/v4/batch.js';
import type { Clock, Timer } from '../support/clock.js';
import { DeadlineHeap } from '../support/deadline-heap.js';
import { asError, RedlinkError } from '../support/errors.js';
import { BatchAnswers } from './batch-answers.js';
import type { Transport } from './port.js';

/**
 * Most batches to one peer whose answer has not begun. While so many are on their way, what comes up waits and
 * goes together in the next one. A verb that takes long holds nobody up: the answer to its batch has begun
 * long before its own.
 */
const MAX_UNBEGUN = 2;

/**
 * How long the first of them has the way to itself, ms. Between near stores its answer begins sooner, and what comes up
 * meanwhile shares the next batch: a POST costs as much as ten verbs in one. On a longer way nobody waits for it.
 */
const ALONE_MS = 5;

/** Milliseconds until the answer to a batch begins: a store that is there begins at once. */
const BEGIN_WITHIN_MS = 5_000;

/** What came of a verb: its answer; or nothing, because the peer does not know batches. */
export type BatchOutcome =
  { readonly kind: 'answered'; readonly wire: unknown } | { readonly kind: 'notSpoken' };

/** A verb that waits for its answer. */
interface Waiting {
  readonly line: string;
  readonly withinMs: number;
  readonly resolve: (outcome: BatchOutcome) => void;
  readonly reject: (error: Error) => void;
  settled: boolean;
  /** Called when it has failed while its batch is under way. */
  onFailed?: () => void;
}

/** What is under way to one peer. */
interface Peer {
  readonly to: Address;
  queue: Waiting[];
  unbegun: number;
  scheduled: boolean;
  /** Monotonic moment of the last batch, ms. */
  sentAt: number;
  /** Runs while what is in the queue leaves the way to it. */
  patience: Timer | undefined;
}

/** Sends verbs in batches: the first goes at once, and what comes up until its answer begins goes together. */
export class VerbBatches {
  private readonly peers = new Map<string, Peer>();
  private readonly deadlines: DeadlineHeap;
  private count = 0;

  constructor(
    private readonly transport: Transport,
    private readonly clock: Clock,
  ) {
    this.deadlines = new DeadlineHeap(clock, () => undefined);
  }

  /**
   * Sends one verb, together with what else goes to the same peer in this moment.
   * @param line as `verbLine` gives it
   * @param withinMs how long its answer may take, from now
   * @throws RedlinkError `PEER_UNREACHABLE`, `PEER_TIMEOUT`, `PEER_ANSWER`
   */
  async ask(to: Address, line: string, withinMs: number): Promise<BatchOutcome> {
    const peer = this.peerAt(to);
    this.count += 1;
    const key = String(this.count);
    const outcome = new Promise<BatchOutcome>((resolve, reject) => {
      const waiting: Waiting = { line, withinMs, resolve, reject, settled: false };
      peer.queue.push(waiting);
      this.deadlines.set(key, this.clock.now() + withinMs, () => {
        fail(waiting, new RedlinkError('PEER_TIMEOUT', `no answer from ${addressKey(to)} in ${withinMs} ms`));
      });
    });
    this.schedule(peer);
    try {
      return await outcome;
    } finally {
      this.deadlines.cancel(key);
    }
  }

  private peerAt(to: Address): Peer {
    const key = addressKey(to);
    const known = this.peers.get(key);
    if (known !== undefined) return known;
    const made: Peer = {
      to,
      queue: [],
      unbegun: 0,
      scheduled: false,
      sentAt: -Infinity,
      patience: undefined,
    };
    this.peers.set(key, made);
    return made;
  }

  /** What is asked in one turn of the event loop goes together. */
  private schedule(peer: Peer): void {
    if (peer.scheduled) return;
    peer.scheduled = true;
    this.clock.soon(() => {
      peer.scheduled = false;
      this.flush(peer);
    });
  }

  /** Sends what may go now; the rest when an answer begins, or the last batch has had the way to itself long enough. */
  private flush(peer: Peer): void {
    peer.patience?.cancel();
    peer.patience = undefined;
    peer.queue = peer.queue.filter(({ settled }) => !settled);
    const aloneForMs = peer.sentAt + ALONE_MS - this.clock.now();
    // What fills a batch and goes on takes the next as well.
    for (let may = aloneForMs > 0 ? 1 : MAX_UNBEGUN; this.maySend(peer, may); may = MAX_UNBEGUN) {
      peer.sentAt = this.clock.now();
      void this.send(peer, takeBatch(peer.queue));
    }
    if (aloneForMs > 0 && this.maySend(peer, MAX_UNBEGUN)) {
      peer.patience = this.clock.after(aloneForMs, () => {
        this.flush(peer);
      });
    }
    if (peer.queue.length === 0 && peer.unbegun === 0) this.peers.delete(addressKey(peer.to));
  }

  private maySend({ queue, unbegun }: Peer, most: number): boolean {
    return queue.length > 0 && unbegun < most;
  }

  /** Never rejects: whatever goes wrong is the outcome of the verbs. */
  private async send(peer: Peer, batch: readonly Waiting[]): Promise<void> {
    peer.unbegun += 1;
    let begun = false;
    const begin = (): void => {
      if (begun) return;
      begun = true;
      peer.unbegun -= 1;
      this.schedule(peer);
    };
    try {
      const idleMs = Math.max(...batch.map(({ withinMs }) => withinMs));
      const request = batchRequest(batch.map(({ line }) => line));
      const limits = { answerWithinMs: BEGIN_WITHIN_MS, idleMs };
      const answers = new BatchAnswers(await this.transport.post(peer.to, request, limits));
      begin();
      await this.receive(answers, batch);
    } catch (thrown) {
      for (const waiting of batch) fail(waiting, asError(thrown));
    } finally {
      begin();
    }
  }

  private async receive(answers: BatchAnswers, batch: readonly Waiting[]): Promise<void> {
    if (answers.notSpoken) {
      answers.leave();
      for (const waiting of batch) settle(waiting, { kind: 'notSpoken' });
      return;
    }
    for (const waiting of batch) {
      waiting.onFailed = () => {
        if (batch.every(({ settled }) => settled)) answers.leave();
      };
    }
    await answers.each(batch.length, ({ n, wire }) => {
      const waiting = batch[n];
      if (waiting !== undefined) settle(waiting, { kind: 'answered', wire });
    });
    for (const waiting of batch) {
      if (!waiting.settled) fail(waiting, new RedlinkError('PEER_ANSWER', 'A verb was left unanswered.'));
    }
  }
}

/** The first verbs of a queue, as many as go into one batch. */
function takeBatch(queue: Waiting[]): readonly Waiting[] {
  let chars = 0;
  let count = 0;
  for (const { line } of queue) {
    if (count === MAX_BATCH_VERBS || chars >= FULL_BATCH_CHARS) break;
    chars += line.length;
    count += 1;
  }
  return queue.splice(0, count);
}

function settle(waiting: Waiting, outcome: BatchOutcome): void {
  if (waiting.settled) return;
  waiting.settled = true;
  waiting.resolve(outcome);
}

function fail(waiting: Waiting, error: Error): void {
  if (waiting.settled) return;
  waiting.settled = true;
  waiting.reject(error);
  waiting.onFailed?.();
}
