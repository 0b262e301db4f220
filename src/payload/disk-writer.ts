import type { FileHandle } from 'node:fs/promises';
import { CHUNK_BYTES, lentChunks } from '../support/lent-chunks.js';
import { onDisk } from './disk-errors.js';

/**
 * Writes chunks to a file, small ones together: each write is a way to a thread of its own and back, which takes longer
 * than to write what the network gives at a time.
 */
export class DiskWriter {
  /** Bytes that were given so far. */
  byteLength = 0;
  private readonly room: number;
  private gathered: Buffer | undefined;
  private gatheredBytes = 0;

  /** @param expectedBytes what will be given in all, where that is known */
  constructor(
    private readonly file: FileHandle,
    expectedBytes = CHUNK_BYTES,
  ) {
    this.room = Math.min(CHUNK_BYTES, expectedBytes);
  }

  /** The chunk may be used again when this is done. */
  async write(chunk: Uint8Array): Promise<void> {
    this.byteLength += chunk.byteLength;
    if (this.gatheredBytes + chunk.byteLength > this.room) await this.flush();
    if (chunk.byteLength >= this.room) {
      await this.writeAll(chunk);
      return;
    }
    this.gathered ??= lentChunks.take(this.room);
    this.gathered.set(chunk, this.gatheredBytes);
    this.gatheredBytes += chunk.byteLength;
  }

  /** Writes what is gathered. */
  async flush(): Promise<void> {
    if (this.gathered === undefined) return;
    const bytes = this.gathered.subarray(0, this.gatheredBytes);
    this.gatheredBytes = 0;
    await this.writeAll(bytes);
  }

  /** It is not used any more. */
  end(): void {
    if (this.gathered !== undefined) lentChunks.keep(this.gathered);
    this.gathered = undefined;
  }

  /** `write` may take less than it was given. */
  private async writeAll(chunk: Uint8Array): Promise<void> {
    for (let written = 0; written < chunk.byteLength;) {
      const { bytesWritten } = await onDisk('written', () =>
        this.file.write(chunk, written, chunk.byteLength - written),
      );
      written += bytesWritten;
    }
  }
}
