import type { PayloadSource } from '../protocol/payload-source.js';

/**
 * Where payloads wait that are too large for a table. Adapters: `disk.ts` (files under the store's
 * own folder), `memory.ts` (simulation). Names are generated here, never taken from a message.
 */
export interface PayloadStore {
  /**
   * Keeps a payload, in parts or as UTF-8 JSON text whatever it arrives in, and gives the name to find it by.
   * The name says which of both, so that nothing else need be remembered.
   * @throws RedlinkError `PAYLOAD_IO` where it cannot be written; nothing is left behind then.
   */
  save(source: PayloadSource): Promise<StoredPayload>;
  /** A source that reads the kept payload. Opening it throws `PAYLOAD_IO` where the file is gone. */
  source(stored: StoredPayload): PayloadSource;
  /** Forgets it. Harmless where it is gone already. */
  remove(name: string): Promise<void>;
  /** Forgets everything but the names given: what a killed process left behind. */
  sweep(keep: ReadonlySet<string>): Promise<void>;
}

export interface StoredPayload {
  readonly name: string;
  readonly byteLength: number;
  readonly restore: PayloadSource['restore'];
}
