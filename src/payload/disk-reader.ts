import type { FileHandle } from 'node:fs/promises';
import { RedlinkError } from '../support/errors.js';
import { lentChunks } from '../support/lent-chunks.js';
import { onDisk } from './disk-errors.js';

/** Reads a file chunk by chunk, the next one while the last is being sent. Each has a buffer of its own: a slow receiver still holds those before. */
export class DiskReader {
  private left: number;
  private coming: Promise<Uint8Array> | undefined;

  /** @param byteLength what is in the file */
  constructor(
    private readonly file: FileHandle,
    byteLength: number,
  ) {
    this.left = byteLength;
    this.begin();
  }

  /** The next chunk; undefined at the end. @throws RedlinkError `PAYLOAD_IO`, also where the file ends before */
  async next(): Promise<Uint8Array | undefined> {
    const chunk = await this.coming;
    this.begin();
    return chunk;
  }

  /** Closes the file, when nothing is read from it any more. */
  async close(): Promise<void> {
    const [unread] = await Promise.allSettled([this.coming]);
    if (unread.status === 'fulfilled' && unread.value !== undefined) lentChunks.giveBack(unread.value);
    await this.file.close();
  }

  private begin(): void {
    this.coming = this.left > 0 ? this.read() : undefined;
    // Whoever asks for it is told; nobody may.
    this.coming?.catch(() => undefined);
  }

  private async read(): Promise<Uint8Array> {
    const buffer = lentChunks.take(this.left);
    const wanted = Math.min(buffer.byteLength, this.left);
    const { bytesRead } = await onDisk('read', () => this.file.read(buffer, 0, wanted));
    if (bytesRead === 0) throw new RedlinkError('PAYLOAD_IO', 'The payload is shorter than it was written');
    this.left -= bytesRead;
    return lentChunks.lend(buffer, bytesRead);
  }
}
