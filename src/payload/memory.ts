import type { PayloadSource } from '../protocol/payload-source.js';
import { RedlinkError } from '../support/errors.js';
import { countingIds, type Ids } from '../support/ids.js';
import type { KeptEncoding } from './names.js';
import type { PayloadStore, StoredPayload } from './port.js';
import { asKept } from './sources.js';

interface Kept {
  readonly encoding: KeptEncoding;
  readonly chunks: readonly Uint8Array[];
}

/** Payloads in RAM: for simulations and tests, which must not touch a disk. */
export class MemoryPayloads implements PayloadStore {
  readonly #kept = new Map<string, Kept>();
  readonly #ids: Ids;

  constructor(ids: Ids = countingIds('payload')) {
    this.#ids = ids;
  }

  /** Number of payloads kept: none after a drain. */
  get size(): number {
    return this.#kept.size;
  }

  async save(source: PayloadSource): Promise<StoredPayload> {
    const chunks: Uint8Array[] = [];
    let byteLength = 0;
    const { encoding, open } = asKept(source);
    for await (const chunk of open()) {
      // A copy: the giver may use its chunk again.
      chunks.push(Uint8Array.from(chunk));
      byteLength += chunk.byteLength;
    }
    const name = this.#ids.next();
    this.#kept.set(name, { encoding, chunks });
    return { name, byteLength, restore: source.restore };
  }

  source(stored: StoredPayload): PayloadSource {
    return {
      encoding: this.#kept.get(stored.name)?.encoding ?? 'utf8',
      text: undefined,
      byteLength: stored.byteLength,
      restore: stored.restore,
      open: () => this.#read(stored.name),
    };
  }

  async remove(name: string): Promise<void> {
    this.#kept.delete(name);
  }

  async sweep(keep: ReadonlySet<string>): Promise<void> {
    for (const name of [...this.#kept.keys()]) {
      if (!keep.has(name)) this.#kept.delete(name);
    }
  }

  async *#read(name: string): AsyncGenerator<Uint8Array> {
    const kept = this.#kept.get(name);
    if (kept === undefined) throw new RedlinkError('PAYLOAD_IO', 'The payload is gone');
    yield* kept.chunks;
  }
}
