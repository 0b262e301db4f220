import { RedlinkError, asError } from '../support/errors.js';
import type { Clock } from '../support/clock.js';
import type { WireBody } from '../protocol/wire.js';
import { openBody, release } from './body-chunks.js';

/** Chunks on their way at the same time: few, so that a writer feels a slow reader as over a socket. */
const CHUNKS_UNDER_WAY = 4;

/** How one body crosses the virtual network. */
export interface PipeOptions {
  /** Milliseconds that the reader waits for a chunk before the body counts as cut. */
  readonly readerIdleMs: number;
  /** Milliseconds that the writer waits for the reader to take one. */
  readonly writerIdleMs: number;
  /** Milliseconds that each chunk is on its way. */
  readonly chunkDelayMs: number;
  /** The connection breaks once this many bytes have passed; `Infinity`: never. */
  readonly cutAfterBytes: number;
}

/**
 * One direction of a connection on the virtual network: chunks go in with {@link feed} and come out
 * of the iteration as copies, in order, with back-pressure and time limits in virtual time.
 */
export class MemoryPipe implements AsyncIterable<Uint8Array> {
  private readonly chunks: Uint8Array[] = [];
  private passedBytes = 0;
  private ended = false;
  private failure: RedlinkError | undefined;
  private readerLeft = false;
  /** Waiting sides; woken whenever something changed. */
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly clock: Clock,
    private readonly options: PipeOptions,
  ) {}

  /** Whether the reader wanted no more of it. */
  get left(): boolean {
    return this.readerLeft;
  }

  /** Why it was cut; undefined where it was not. */
  get failed(): RedlinkError | undefined {
    return this.failure;
  }

  /** Carries a body over. Gives true when all of it was handed to the network, false when it was cut. */
  async feed(body: WireBody): Promise<boolean> {
    const iterator = openBody(body);
    try {
      while (this.failure === undefined) {
        const step = await this.unlessCut(iterator.next());
        if (step === undefined) break;
        if (step.done === true) {
          this.ended = true;
          this.wake();
          return true;
        }
        await this.carry(step.value);
      }
    } catch (thrown) {
      this.cut(new RedlinkError('PEER_UNREACHABLE', 'the sender ended the body early', thrown));
      return false;
    }
    release(iterator);
    return false;
  }

  /** Breaks the connection: the writer stops, the reader gets what is under way and then the error. */
  cut(error: RedlinkError): void {
    if (this.ended || this.failure !== undefined) return;
    this.failure = error;
    this.wake();
  }

  /** The reader wants no more: what is under way is dropped, the writer stops. */
  leave(): void {
    this.readerLeft = true;
    this.chunks.length = 0;
    this.cut(new RedlinkError('PEER_UNREACHABLE', 'the reader left'));
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return {
      next: () => this.take(),
      return: async () => {
        this.leave();
        return { done: true, value: undefined };
      },
    };
  }

  private async carry(chunk: Uint8Array): Promise<void> {
    if (this.options.chunkDelayMs > 0) await this.pause(this.options.chunkDelayMs);
    const room = this.options.cutAfterBytes - this.passedBytes;
    const passing = Uint8Array.from(chunk.subarray(0, Math.min(chunk.byteLength, room)));
    this.passedBytes += passing.byteLength;
    if (this.failure === undefined && passing.byteLength > 0) this.chunks.push(passing);
    this.wake();
    if (passing.byteLength < chunk.byteLength) {
      this.cut(new RedlinkError('PEER_UNREACHABLE', 'the connection broke'));
    }
    while (this.failure === undefined && this.chunks.length >= CHUNKS_UNDER_WAY) {
      await this.change(this.options.writerIdleMs, 'the reader took nothing');
    }
  }

  private async take(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      const chunk = this.chunks.shift();
      if (chunk !== undefined) {
        this.wake();
        return { done: false, value: chunk };
      }
      if (this.ended || this.readerLeft) return { done: true, value: undefined };
      if (this.failure !== undefined) throw this.failure;
      await this.change(this.options.readerIdleMs, 'nothing came');
    }
  }

  /** Waits until the other side did something; past the idle limit the connection is cut. */
  private async change(idleMs: number, complaint: string): Promise<void> {
    await new Promise<void>((resolve) => {
      const idle = this.clock.after(idleMs, () => {
        this.cut(new RedlinkError('PEER_TIMEOUT', `${complaint} for ${idleMs} ms`));
      });
      this.waiting.add(() => {
        idle.cancel();
        resolve();
      });
    });
  }

  private async pause(delayMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.clock.after(delayMs, resolve);
    });
  }

  /** The outcome of `work`, or undefined where the connection is cut meanwhile. */
  private async unlessCut<T>(work: Promise<T>): Promise<T | undefined> {
    return new Promise<T | undefined>((resolve, reject) => {
      const watch = (): void => {
        if (this.failure === undefined) this.waiting.add(watch);
        else resolve(undefined);
      };
      watch();
      work.then(
        (value) => {
          this.waiting.delete(watch);
          resolve(value);
        },
        (thrown: unknown) => {
          this.waiting.delete(watch);
          reject(asError(thrown));
        },
      );
    });
  }

  private wake(): void {
    const woken = [...this.waiting];
    this.waiting.clear();
    for (const resume of woken) resume();
  }
}
