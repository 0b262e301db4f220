import { createHmac, timingSafeEqual } from 'node:crypto';
import { MAC_BYTES } from './mac.js';
import type { MeshKey } from './mesh-key.js';
import { refused } from './refusal.js';

/**
 * Bodies that are sent while they are made: their hash is not known before, so a code over all bytes follows
 * as the last {@link MAC_BYTES}. Who reads to the end knows that nothing was changed or left out.
 */

const PURPOSE = 'redlink body 1';

type Bytes = AsyncIterable<Uint8Array>;

/** The body and its code. @param nonce that of the request, so that a body fits no other */
export function seal(body: Bytes, key: MeshKey, nonce: string): Bytes {
  return throughSteps(body, () => {
    const code = codeFor(key, nonce);
    return {
      take: (chunk) => {
        code.update(chunk);
        return [chunk];
      },
      end: () => code.digest(),
    };
  });
}

/**
 * The body without its code. Ends only where the code is right: what was read before must not be acted on.
 * Reading fails with `BAD_SIGNATURE` at the end of a body that was changed or cut.
 */
export function unseal(body: Bytes, key: MeshKey, nonce: string): Bytes {
  return throughSteps(body, () => {
    const code = codeFor(key, nonce);
    let held: Uint8Array = new Uint8Array(0);
    return {
      take: (chunk) => {
        // What is held back goes on its own: a copy of all of the body would cost more than its code.
        const sure = held.length + chunk.length - MAC_BYTES;
        const ofHeld = held.subarray(0, Math.max(0, Math.min(held.length, sure)));
        const ofChunk = chunk.subarray(0, Math.max(0, sure - held.length));
        held = Buffer.concat([held.subarray(ofHeld.length), chunk.subarray(ofChunk.length)]);
        const passed = [ofHeld, ofChunk].filter(({ length }) => length > 0);
        for (const part of passed) code.update(part);
        return passed;
      },
      end: () => {
        if (held.length === MAC_BYTES && timingSafeEqual(held, code.digest())) return undefined;
        throw refused('BAD_SIGNATURE');
      },
    };
  });
}

/** What happens to the chunks of a body on their way. */
interface Steps {
  take(chunk: Uint8Array): readonly Uint8Array[];
  /** @returns what follows the last chunk */
  end(): Uint8Array | undefined;
}

/** By hand rather than as a generator: one that was never begun does not close its source. */
function throughSteps(body: Bytes, begin: () => Steps): Bytes {
  return {
    [Symbol.asyncIterator]: () => {
      const source = body[Symbol.asyncIterator]();
      const steps = begin();
      let ended = false;
      const ready: Uint8Array[] = [];
      const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
        for (;;) {
          const value = ready.shift();
          if (value !== undefined) return { done: false, value };
          if (ended) return { done: true, value: undefined };
          const step = await source.next();
          if (step.done === true) break;
          ready.push(...steps.take(step.value));
        }
        ended = true;
        const last = steps.end();
        return last === undefined ? { done: true, value: undefined } : { done: false, value: last };
      };
      const leave = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
        ended = true;
        ready.length = 0;
        await source.return?.();
        return { done: true, value: undefined };
      };
      return { next, return: leave };
    },
  };
}

function codeFor(key: MeshKey, nonce: string): ReturnType<typeof createHmac> {
  return createHmac('sha256', key.secret).update(`${PURPOSE}\n${nonce}\n`);
}
