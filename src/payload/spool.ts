import type { PayloadSource } from '../protocol/payload-source.js';
import type { PayloadStore } from './port.js';

/** Keeps large values for the time that a request is being read and answered. */
export interface Spool {
  readonly spool: (source: PayloadSource) => Promise<PayloadSource>;
  /** Forgets what {@link spool} gave. */
  readonly discard: (kept: PayloadSource) => Promise<void>;
}

/** A spool that keeps its values in a payload store. */
export function payloadSpool(payloads: PayloadStore): Spool {
  const names = new WeakMap<PayloadSource, string>();
  return {
    spool: async (source) => {
      const stored = await payloads.save(source);
      const kept = payloads.source(stored);
      names.set(kept, stored.name);
      return kept;
    },
    discard: async (kept) => {
      const name = names.get(kept);
      if (name !== undefined) await payloads.remove(name);
    },
  };
}
