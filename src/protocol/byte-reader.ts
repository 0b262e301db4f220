import { RedlinkError } from '../support/errors.js';

const LINE_FEED = '\n'.charCodeAt(0);

/** Takes a stream of bytes apart: a line, so many bytes, the rest. Each in the order in which they come. */
export class ByteReader {
  private left: Uint8Array = new Uint8Array(0);

  constructor(private readonly source: AsyncIterator<Uint8Array>) {}

  /**
   * The bytes up to the next line feed, which is passed over.
   * @throws RedlinkError `BODY_TOO_LARGE` where there is none within the limit, `PAYLOAD_IO` where the bytes end before.
   */
  async line(limitBytes: number): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      const chunk = await this.next();
      if (chunk === undefined) throw endsEarly();
      const end = chunk.indexOf(LINE_FEED);
      const piece = end < 0 ? chunk : chunk.subarray(0, end);
      length += piece.byteLength;
      if (length > limitBytes) throw new RedlinkError('BODY_TOO_LARGE', `A line of over ${limitBytes} bytes`);
      pieces.push(piece);
      if (end < 0) continue;
      this.left = chunk.subarray(end + 1);
      return Buffer.concat(pieces);
    }
  }

  /** The next so many bytes as they come. @throws RedlinkError `PAYLOAD_IO`, in the iteration, where they end before. */
  async *chunks(byteLength: number): AsyncGenerator<Uint8Array, void, void> {
    for (let missing = byteLength; missing > 0;) {
      const chunk = await this.next();
      if (chunk === undefined) throw endsEarly();
      this.left = chunk.subarray(missing);
      const taken = chunk.subarray(0, missing);
      missing -= taken.byteLength;
      yield taken;
    }
  }

  /** Fills all of the Buffer. @throws RedlinkError `PAYLOAD_IO` where the bytes end before. */
  async fill(target: Buffer): Promise<void> {
    for (let filled = 0; filled < target.byteLength;) {
      const chunk = await this.next();
      if (chunk === undefined) throw endsEarly();
      const missing = target.byteLength - filled;
      const taken = chunk.byteLength > missing ? chunk.subarray(0, missing) : chunk;
      if (taken !== chunk) this.left = chunk.subarray(missing);
      target.set(taken, filled);
      filled += taken.byteLength;
    }
  }

  /** Whether nothing comes any more. */
  async atEnd(): Promise<boolean> {
    const chunk = await this.next();
    if (chunk === undefined) return true;
    this.left = chunk;
    return false;
  }

  /** All that was not taken yet. Whoever gets it lets the source go. */
  rest(): AsyncIterable<Uint8Array> {
    return {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          const chunk = await this.next();
          return chunk === undefined ? { done: true, value: undefined } : { done: false, value: chunk };
        },
        return: async () => {
          await this.source.return?.();
          return { done: true, value: undefined };
        },
      }),
    };
  }

  private async next(): Promise<Uint8Array | undefined> {
    const { left } = this;
    if (left.byteLength > 0) {
      this.left = left.subarray(left.byteLength);
      return left;
    }
    for (;;) {
      const step = await this.source.next();
      if (step.done === true) return undefined;
      if (step.value.byteLength > 0) return step.value;
    }
  }
}

function endsEarly(): RedlinkError {
  return new RedlinkError('PAYLOAD_IO', 'The bytes end too early');
}
