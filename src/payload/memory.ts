import type { PayloadSource } from '../protocol/payload-source.js';
import { RedlinkError } from '../support/errors.js';
import { countingIds, type Ids } from '../support/ids.js';
import type { PayloadStore, StoredPayload } from './port.js';
import { asUtf8 } from './sources.js';

/** Payloads in RAM: for simulations and tests, which must not touch a disk. */
export class MemoryPayloads implements PayloadStore {
  readonly #kept = new Map<string, readonly Uint8Array[]>();
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
    for await (const chunk of asUtf8(source).open()) {
      // A copy: the giver may use its chunk again.
      chunks.push(Uint8Array.from(chunk));
      byteLength += chunk.byteLength;
    }
    const name = this.#ids.next();
    this.#kept.set(name, chunks);
    return { name, byteLength, restore: source.restore };
  }

  source(stored: StoredPayload): PayloadSource {
    return {
      encoding: 'utf8',
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
    const chunks = this.#kept.get(name);
    if (chunks === undefined) throw new RedlinkError('PAYLOAD_IO', 'The payload is gone');
    yield* chunks;
  }
}
