import type { Writable } from 'node:stream';
import type { WireBody } from '../../protocol/wire.js';
import { RedlinkError, asError } from '../../support/errors.js';
import { openSource, PIECE_BYTES, release } from '../body-chunks.js';
import { lentChunks } from '../../support/lent-chunks.js';

/**
 * Bytes that may wait for the network before the source is asked for more: enough that the connection is never idle while a
 * file is read, and all that a slow reader has of this store's memory.
 */
const SEND_AHEAD_BYTES = 262_144;

export interface SendOptions {
  /** Milliseconds that the source may give nothing, or the reader take nothing. */
  readonly idleMs: number;
  /** What `content-length` says; a body of another length fails, as its reader would wait or miss something. */
  readonly declaredBytes: number | undefined;
}

/**
 * Writes a body and ends the stream; done when all bytes were handed to the network. The source is closed
 * where it does not come to its end.
 * @throws RedlinkError `PEER_TIMEOUT` where nothing moves, `PEER_UNREACHABLE` where the connection closes;
 * and whatever the source throws. The stream is neither ended nor destroyed then: that is up to the caller.
 */
export async function sendBody(body: WireBody, sink: Writable, options: SendOptions): Promise<void> {
  const watch = new SinkWatch(sink, options.idleMs);
  try {
    if (typeof body === 'string' && body.length <= PIECE_BYTES) {
      await watch.during(ended(sink, body), 'the reader took nothing');
      return;
    }
    await pump(body, sink, watch, options.declaredBytes);
    await watch.during(ended(sink), 'the reader took nothing');
  } finally {
    watch.end();
  }
}

async function pump(
  body: WireBody,
  sink: Writable,
  watch: SinkWatch,
  declaredBytes: number | undefined,
): Promise<void> {
  const source = openSource(body);
  const outflow = new Outflow(sink, watch);
  let bytes = 0;
  try {
    for (;;) {
      const step = await watch.during(source.next(), 'the source gave nothing');
      if (step.done === true) {
        if (declaredBytes !== undefined && bytes < declaredBytes) throw wrongLength(declaredBytes);
        return;
      }
      bytes += step.value.byteLength;
      // Before the excess is written: up to there the reader would take it for the whole.
      if (declaredBytes !== undefined && bytes > declaredBytes) throw wrongLength(declaredBytes);
      await outflow.write(step.value);
    }
  } catch (thrown) {
    release(source);
    throw thrown;
  }
}

/** What was given to a stream and has not been handed to the network yet. */
class Outflow {
  private waiting = 0;
  private wake: () => void = () => undefined;

  constructor(
    private readonly sink: Writable,
    private readonly watch: SinkWatch,
  ) {}

  /** Writes a chunk in pieces; done when there is room for more. */
  async write(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.byteLength; at += PIECE_BYTES) {
      const isLast = at + PIECE_BYTES >= chunk.byteLength;
      this.writePiece(chunk.subarray(at, at + PIECE_BYTES), isLast ? chunk : undefined);
      while (this.waiting >= SEND_AHEAD_BYTES) {
        const room = new Promise<void>((resolve) => (this.wake = resolve));
        await this.watch.during(room, 'the reader took nothing');
      }
    }
  }

  /** @param done the chunk of which it is the last piece */
  private writePiece(piece: Uint8Array, done: Uint8Array | undefined): void {
    this.waiting += piece.byteLength;
    this.sink.write(piece, (error) => {
      this.waiting -= piece.byteLength;
      // A stream that is destroyed takes everything in and drops it.
      if (error) this.watch.onBreak(error);
      // What was under way when a connection broke may still be looked at somewhere below: the garbage collector knows.
      else if (done !== undefined) lentChunks.giveBack(done);
      this.watch.moved();
      this.wake();
    });
  }
}

function wrongLength(declaredBytes: number): RedlinkError {
  return new RedlinkError('PAYLOAD_IO', `the body does not have the ${declaredBytes} bytes announced`);
}

/** Ends the stream; done when its last byte went out. */
async function ended(sink: Writable, lastText?: string): Promise<void> {
  await new Promise<void>((resolve) => {
    sink.once('finish', resolve);
    if (lastText === undefined) sink.end();
    else sink.end(lastText);
  });
}

/** Waits on behalf of a writer, and gives up where the connection closes or nothing moves. */
class SinkWatch {
  private broken: RedlinkError | undefined;
  private abandon: ((error: RedlinkError) => void) | undefined;
  private complaint = '';
  private finished = false;
  private idle: NodeJS.Timeout | undefined;
  private readonly onFinish = (): void => {
    this.finished = true;
  };
  /** Nothing goes out any more. */
  readonly onBreak = (cause?: Error): void => {
    // A response closes right after its finish, before whoever awaits the finish gets a turn.
    if (this.finished) return;
    this.broken ??= new RedlinkError('PEER_UNREACHABLE', 'the connection closed early', cause);
    this.abandon?.(this.broken);
  };

  constructor(
    private readonly sink: Writable,
    private readonly idleMs: number,
  ) {
    sink.on('finish', this.onFinish).on('close', this.onBreak).on('error', this.onBreak);
    if (sink.destroyed) this.onBreak();
  }

  async during<T>(work: Promise<T>, complaint: string): Promise<T> {
    this.complaint = complaint;
    this.moved();
    return new Promise<T>((resolve, reject) => {
      this.abandon = reject;
      if (this.broken !== undefined) reject(this.broken);
      work.then(
        (value) => {
          this.abandon = undefined;
          resolve(value);
        },
        (thrown: unknown) => {
          this.abandon = undefined;
          reject(asError(thrown));
        },
      );
    });
  }

  /** Something went out, or begins to be waited for: the time limit begins anew. */
  moved(): void {
    // One timer for the whole body: setting one for each piece costs as much as sending it.
    this.idle ??= setTimeout(() => {
      this.abandon?.(new RedlinkError('PEER_TIMEOUT', `${this.complaint} for ${this.idleMs} ms`));
    }, this.idleMs);
    this.idle.refresh();
  }

  end(): void {
    this.abandon = undefined;
    clearTimeout(this.idle);
    this.sink.off('finish', this.onFinish).off('close', this.onBreak).off('error', this.onBreak);
  }
}
