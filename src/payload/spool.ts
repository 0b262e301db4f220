import type { PayloadSource } from '../protocol/payload-source.js';
import { RedlinkError } from '../support/errors.js';
import type { PayloadStore } from './port.js';

/** Keeps large values for the time that a request is being read and answered. */
export interface Spool {
  /** @throws RedlinkError `STORE_FULL` where too much is kept at this moment; nothing of it stays */
  readonly spool: (source: PayloadSource) => Promise<PayloadSource>;
  /** Forgets what {@link spool} gave. */
  readonly discard: (kept: PayloadSource) => Promise<void>;
}

/**
 * A spool that keeps its values in a payload store.
 * @param maxBytes of all that is kept at a time: values come before it is known whether anybody waits for them,
 * and nobody may fill the disk with them
 */
export function payloadSpool(payloads: PayloadStore, maxBytes: number): Spool {
  const held = new WeakMap<PayloadSource, { readonly name: string; readonly bytes: number }>();
  let allBytes = 0;

  async function* counted(
    chunks: AsyncIterable<Uint8Array>,
    took: (bytes: number) => void,
  ): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      if (allBytes + chunk.byteLength > maxBytes) {
        throw new RedlinkError('STORE_FULL', `More than ${maxBytes} bytes of replies are arriving at a time`);
      }
      took(chunk.byteLength);
      yield chunk;
    }
  }

  return {
    spool: async (source) => {
      let bytes = 0;
      const took = (more: number): void => {
        bytes += more;
        allBytes += more;
      };
      const { encoding, byteLength, restore } = source;
      const open = (): AsyncIterable<Uint8Array> => counted(source.open(), took);
      try {
        const stored = await payloads.save({ encoding, byteLength, restore, text: undefined, open });
        const kept = payloads.source(stored);
        held.set(kept, { name: stored.name, bytes });
        return kept;
      } catch (thrown) {
        allBytes -= bytes;
        throw thrown;
      }
    },
    discard: async (kept) => {
      const known = held.get(kept);
      if (known === undefined) return;
      held.delete(kept);
      allBytes -= known.bytes;
      await payloads.remove(known.name);
    },
  };
}
