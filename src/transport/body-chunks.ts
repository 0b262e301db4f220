import type { WireBody } from '../protocol/wire.js';

/**
 * Largest piece that is written at once: small enough that progress shows within an idle limit on a
 * slow line, large enough to cost nothing (a TLS record holds 16 KiB).
 */
export const PIECE_BYTES = 65_536;

/** A body as its source gives it. */
export function openSource(body: WireBody): AsyncIterator<Uint8Array> {
  return typeof body === 'string' ? textSource(body) : body[Symbol.asyncIterator]();
}

/**
 * A body as pieces of bounded size, whatever its source gives. Not a generator: its `return()` must
 * reach the source at once, even while a `next()` of it hangs.
 */
export function openBody(body: WireBody): AsyncIterator<Uint8Array, undefined> {
  const source = openSource(body);
  let rest: Uint8Array = new Uint8Array(0);
  return {
    async next() {
      while (rest.byteLength === 0) {
        const step = await source.next();
        if (step.done === true) return { done: true, value: undefined };
        rest = step.value;
      }
      const piece = rest.subarray(0, PIECE_BYTES);
      rest = rest.subarray(PIECE_BYTES);
      return { done: false, value: piece };
    },
    async return() {
      await source.return?.();
      return { done: true, value: undefined };
    },
  };
}

async function* textSource(text: string): AsyncGenerator<Uint8Array, undefined> {
  yield new TextEncoder().encode(text);
  return undefined;
}

/**
 * Lets a source free what it holds, where its bytes are wanted no more. What it says to that changes
 * nothing for anybody: the transfer has its outcome already.
 */
export function release(source: AsyncIterator<Uint8Array>): void {
  source.return?.().then(
    () => undefined,
    () => undefined,
  );
}
