/** Size of the chunks of a {@link ByteSource}: as a file gives them. */
const CHUNK_BYTES = 65_536;

/** A body that is made while it is read, and keeps count. */
export class ByteSource implements AsyncIterable<Uint8Array> {
  given = 0;
  /** The most that was given and not yet seen at the other end; see {@link readLength}. */
  mostAhead = 0;
  taken = 0;
  closed = false;
  readonly whenClosed: Promise<void>;
  private readonly noteClosed: (value: undefined) => void;

  /**
   * @param failsAt throws after so many bytes.
   * @param stopsAt gives nothing more after so many bytes, and does not end either.
   */
  constructor(
    private readonly length: number,
    private readonly failsAt = Infinity,
    private readonly stopsAt = Infinity,
  ) {
    const closing = signal<undefined>();
    this.whenClosed = closing.value;
    this.noteClosed = closing.give;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return {
      next: () => this.next(),
      return: async () => {
        this.closed = true;
        this.noteClosed(undefined);
        return { done: true, value: undefined };
      },
    };
  }

  private async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.given >= this.failsAt) throw new Error('the source broke');
    if (this.given >= this.stopsAt) await new Promise(() => undefined);
    const size = Math.min(CHUNK_BYTES, this.length - this.given);
    if (size === 0) return { done: true, value: undefined };
    this.given += size;
    this.mostAhead = Math.max(this.mostAhead, this.given - this.taken);
    return { done: false, value: new Uint8Array(size).fill(this.given % 251) };
  }
}

/** Reads a body as UTF-8 text. */
export async function readAll(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** Reads a body to its end, keeping nothing; tells its source what has come. */
export async function readLength(body: AsyncIterable<Uint8Array>, source?: ByteSource): Promise<number> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (source !== undefined) source.taken = bytes;
  }
  return bytes;
}

/** A value that comes later. */
export function signal<T>(): { readonly value: Promise<T>; readonly give: (value: T) => void } {
  const { promise, resolve } = withResolvers<T>();
  return { value: promise, give: resolve };
}

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((give) => {
    resolve = give;
  });
  return { promise, resolve };
}
