import type { Readable } from 'node:stream';
import { RedlinkError, type ErrorCode } from '../../support/errors.js';

/**
 * Bytes that are there already come without a wait, and what reads them may take long over each piece: after so
 * long, ms, it lets others have a turn.
 */
const MAX_TURN_MS = 10;

export interface ArrivingBodyOptions {
  /** Milliseconds spent waiting for bytes after which the body counts as cut. A slow reader's own time is free. */
  readonly idleMs: number;
  /** Bytes that must come in `idleMs`; 1 where any will do. */
  readonly minBytesPerIdle: number;
  /** What it is called that bytes do not come in time. */
  readonly tooSlow: ErrorCode;
  /** The error that a broken connection is reported as. */
  readonly explain: (cause: unknown) => RedlinkError;
  /** Called once, when the reader has come to the end (`'ended'`), wants no more (`'left'`), or it broke (`'broken'`). */
  readonly onDone: (how: 'ended' | 'left' | 'broken') => void;
}

/**
 * A body coming in over a connection, read on demand: nothing is taken off the socket before somebody asks,
 * so that memory stays bounded. Leaving it does not by itself break the connection (an answer may follow).
 */
export class ArrivingBody implements AsyncIterable<Uint8Array> {
  /** Grows with every chunk: whoever watches this body sees whether it moves. */
  receivedBytes = 0;
  private failure: RedlinkError | undefined;
  private done = false;
  private waitedMs = 0;
  private turnBeganAt = performance.now();
  private bytesSinceProgress = 0;
  private resume: (() => void) | undefined;
  private listens = false;
  private idle: NodeJS.Timeout | undefined;
  private readonly wake = (): void => {
    this.resume?.();
  };

  constructor(
    private readonly stream: Readable,
    private readonly options: ArrivingBodyOptions,
  ) {
    stream.on('error', (error) => {
      this.fail(options.explain(error));
    });
    stream.on('close', () => {
      if (!stream.readableEnded) this.fail(options.explain(undefined));
    });
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return {
      next: () => this.next(),
      return: async () => {
        this.finish('left');
        return { done: true, value: undefined };
      },
    };
  }

  /** Makes the body break with this error. */
  fail(error: RedlinkError): void {
    if (this.done || this.failure !== undefined) return;
    this.failure = error;
    this.finish('broken');
  }

  private async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      if (this.failure !== undefined) throw this.failure;
      if (this.done) return { done: true, value: undefined };
      if (performance.now() - this.turnBeganAt > MAX_TURN_MS) await this.nextTurn();
      const chunk: unknown = this.stream.read();
      if (chunk instanceof Uint8Array) return { done: false, value: this.count(chunk) };
      if (this.stream.readableEnded) this.finish('ended');
      else await this.change();
    }
  }

  /** Lets everything else have its turn. */
  private async nextTurn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.turnBeganAt = performance.now();
  }

  private count(chunk: Uint8Array): Uint8Array {
    this.receivedBytes += chunk.byteLength;
    this.bytesSinceProgress += chunk.byteLength;
    if (this.bytesSinceProgress >= this.options.minBytesPerIdle) {
      this.bytesSinceProgress = 0;
      this.waitedMs = 0;
    }
    return chunk;
  }

  /** Waits for something to happen to the stream; a wait beyond the limit is a failure. */
  private async change(): Promise<void> {
    const since = performance.now();
    this.listen();
    this.limitWait();
    await new Promise<void>((resolve) => {
      this.resume = () => {
        this.resume = undefined;
        resolve();
      };
    });
    this.turnBeganAt = performance.now();
    this.waitedMs += this.turnBeganAt - since;
  }

  /** From the first wait on: to begin and end with each costs as much as what comes. */
  private listen(): void {
    if (this.listens) return;
    this.listens = true;
    this.stream.on('readable', this.wake).on('end', this.wake);
  }

  /** One timer for all waits, unless too little came in the last one for the limit to begin anew. */
  private limitWait(): void {
    if (this.waitedMs === 0 && this.idle !== undefined) {
      this.idle.refresh();
      return;
    }
    const { idleMs, tooSlow } = this.options;
    clearTimeout(this.idle);
    const tooLate = (): void => {
      // A slow reader's own time is free.
      if (this.resume !== undefined)
        this.fail(new RedlinkError(tooSlow, `the body stood still for ${idleMs} ms`));
    };
    this.idle = setTimeout(tooLate, Math.max(0, idleMs - this.waitedMs));
  }

  private finish(how: 'ended' | 'left' | 'broken'): void {
    if (this.done) return;
    this.done = true;
    clearTimeout(this.idle);
    this.stream.off('readable', this.wake).off('end', this.wake);
    this.wake();
    this.options.onDone(how);
  }
}
