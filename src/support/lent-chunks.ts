/** Bytes read from a file at a time: large enough for speed, small beside the payloads that lie there. */
export const CHUNK_BYTES = 262_144;

/** Buffers that are kept for later: as many as some transfers at once have in turn, 4 MiB in all. */
const KEPT = 16;

/**
 * Buffers that are filled again and again. A new one for each chunk costs more than what is read into it: the system hands
 * out its memory page by page, and the garbage collector is called for it. Who passes a chunk on need not know of this;
 * who has let it go for good gives it back, and whoever does not leaves it to the garbage collector.
 */
class LentChunks {
  private readonly free: Buffer[] = [];
  /** By the very chunk: a piece cut from one says nothing of the rest. */
  private readonly lent = new WeakMap<Uint8Array, Buffer>();

  /** A buffer with whatever in it, of {@link CHUNK_BYTES} or as many bytes as are wanted where that is less. */
  take(wanted: number): Buffer {
    // Many small payloads at once must not hold many times their own size.
    if (wanted < CHUNK_BYTES) return Buffer.allocUnsafeSlow(wanted);
    return this.free.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
  }

  /** The first bytes of a buffer that was taken, as a chunk that may come back. */
  lend(buffer: Buffer, byteLength: number): Uint8Array {
    const chunk = buffer.subarray(0, byteLength);
    this.lent.set(chunk, buffer);
    return chunk;
  }

  /** Nobody looks at the chunk any more. Harmless for one that was never lent. */
  giveBack(chunk: Uint8Array): void {
    const buffer = this.lent.get(chunk);
    if (buffer === undefined) return;
    this.lent.delete(chunk);
    this.keep(buffer);
  }

  /** A buffer that was taken and not lent. */
  keep(buffer: Buffer): void {
    if (buffer.byteLength === CHUNK_BYTES && this.free.length < KEPT) this.free.push(buffer);
  }
}

/** Those of the process: stores in it share them. */
export const lentChunks = new LentChunks();
