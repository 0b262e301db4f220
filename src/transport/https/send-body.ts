import type { Writable } from 'node:stream';
import type { WireBody } from '../../protocol/wire.js';
import { RedlinkError, asError } from '../../support/errors.js';
import { openBody, PIECE_BYTES, release } from '../body-chunks.js';

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
  const source = openBody(body);
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
      if (!sink.write(step.value)) await watch.during(drained(sink), 'the reader took nothing');
    }
  } catch (thrown) {
    release(source);
    throw thrown;
  }
}

function wrongLength(declaredBytes: number): RedlinkError {
  return new RedlinkError('PAYLOAD_IO', `the body does not have the ${declaredBytes} bytes announced`);
}

async function drained(sink: Writable): Promise<void> {
  await new Promise<void>((resolve) => sink.once('drain', resolve));
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
  private finished = false;
  private readonly onFinish = (): void => {
    this.finished = true;
  };
  private readonly onBreak = (cause?: Error): void => {
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
    return new Promise<T>((resolve, reject) => {
      const idle = setTimeout(() => {
        reject(new RedlinkError('PEER_TIMEOUT', `${complaint} for ${this.idleMs} ms`));
      }, this.idleMs);
      this.abandon = (error) => {
        clearTimeout(idle);
        reject(error);
      };
      if (this.broken !== undefined) this.abandon(this.broken);
      work.then(
        (value) => {
          clearTimeout(idle);
          resolve(value);
        },
        (thrown: unknown) => {
          clearTimeout(idle);
          reject(asError(thrown));
        },
      );
    });
  }

  end(): void {
    this.abandon = undefined;
    this.sink.off('finish', this.onFinish).off('close', this.onBreak).off('error', this.onBreak);
  }
}
