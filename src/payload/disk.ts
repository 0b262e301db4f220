import { mkdir, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { PayloadSource } from '../protocol/payload-source.js';
import { RedlinkError, systemCode } from '../support/errors.js';
import { uuidIds } from '../support/ids.js';
import { onDisk } from './disk-errors.js';
import { DiskWriter } from './disk-writer.js';
import { encodingOf, isOwnName, newNames } from './names.js';
import type { PayloadStore, StoredPayload } from './port.js';
import { DiskReader } from './disk-reader.js';
import { asKept } from './sources.js';

/** Payloads are messages of others: nobody but the user that Node-RED runs as may look. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

export interface DiskPayloadsOptions {
  /** The store's own folder, used by no other store. Made when the first payload comes. */
  readonly folder: string;
  /** Whether a payload has reached the disk itself, and not only the system, before `save` is done. Default false. */
  readonly flush?: boolean;
}

/** Payloads as files, written and read as streams: memory stays the same whatever their size. */
export class DiskPayloads implements PayloadStore {
  readonly #folder: string;
  readonly #flush: boolean;
  /** Names under way, which a sweep must not take for remains. */
  readonly #writing = new Set<string>();

  constructor({ folder, flush = false }: DiskPayloadsOptions) {
    this.#folder = folder;
    this.#flush = flush;
  }

  async save(source: PayloadSource): Promise<StoredPayload> {
    const kept = asKept(source);
    const names = newNames(uuidIds, kept.encoding);
    this.#writing.add(names.partial).add(names.kept);
    const partial = join(this.#folder, names.partial);
    try {
      const file = await onDisk('written', () => this.#create(partial));
      const byteLength = await this.#fill(file, kept.open(), source.byteLength);
      await onDisk('written', () => this.#publish(partial, join(this.#folder, names.kept)));
      return { name: names.kept, byteLength, restore: source.restore };
    } catch (thrown) {
      // What went wrong first is what counts; remains that cannot be removed now go with the next sweep.
      await Promise.allSettled([rm(partial, { force: true })]);
      throw thrown;
    } finally {
      this.#writing.delete(names.partial);
      this.#writing.delete(names.kept);
    }
  }

  source(stored: StoredPayload): PayloadSource {
    return {
      encoding: encodingOf(stored.name),
      text: undefined,
      byteLength: stored.byteLength,
      restore: stored.restore,
      open: () => this.#read(stored),
    };
  }

  async remove(name: string): Promise<void> {
    if (!isOwnName(name)) return;
    await onDisk('removed', () => rm(join(this.#folder, name), { force: true }));
  }

  /** Leaves alone what has not a name of our making, and what is being written right now. */
  async sweep(keep: ReadonlySet<string>): Promise<void> {
    const names = await onDisk('listed', () => this.#list());
    for (const name of names) {
      if (isOwnName(name) && !keep.has(name) && !this.#writing.has(name)) await this.remove(name);
    }
  }

  async #create(path: string): Promise<FileHandle> {
    try {
      return await open(path, 'wx', FILE_MODE);
    } catch (thrown) {
      if (systemCode(thrown) !== 'ENOENT') throw thrown;
      await mkdir(this.#folder, { recursive: true, mode: FOLDER_MODE });
      return open(path, 'wx', FILE_MODE);
    }
  }

  /** Writes all of the bytes and closes the file, whatever happens. */
  async #fill(
    file: FileHandle,
    chunks: AsyncIterable<Uint8Array>,
    expectedBytes: number | undefined,
  ): Promise<number> {
    const writer = new DiskWriter(file, expectedBytes);
    try {
      for await (const chunk of chunks) await writer.write(chunk);
      await writer.flush();
      if (this.#flush) await onDisk('written', () => file.sync());
    } catch (thrown) {
      await Promise.allSettled([file.close()]);
      throw thrown;
    } finally {
      writer.end();
    }
    await onDisk('written', () => file.close());
    return writer.byteLength;
  }

  /** Only a whole payload ever bears its final name. */
  async #publish(partial: string, kept: string): Promise<void> {
    await rename(partial, kept);
    if (this.#flush) await syncFolder(this.#folder);
  }

  async #list(): Promise<string[]> {
    try {
      return await readdir(this.#folder);
    } catch (thrown) {
      if (systemCode(thrown) === 'ENOENT') return [];
      throw thrown;
    }
  }

  async *#read({ name, byteLength }: StoredPayload): AsyncGenerator<Uint8Array> {
    if (!isOwnName(name)) throw new RedlinkError('PAYLOAD_IO', 'No payload has such a name');
    const file = await onDisk('read', () => open(join(this.#folder, name), 'r'));
    const reader = new DiskReader(file, byteLength);
    try {
      for (;;) {
        const chunk = await reader.next();
        if (chunk === undefined) return;
        yield chunk;
      }
    } finally {
      await reader.close();
    }
  }
}

/** Makes a rename last through a power cut. Where folders cannot be opened (Windows) the system sees to it. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
