/** Byte streams out of parts. Not generators: `return()` reaches the part that is open at once, even while it hangs. */

/** One piece of bytes. */
export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  if (bytes.length > 0) yield bytes;
}

/** One part after the other; each is opened when the one before has ended. */
export function inSequence(...parts: readonly AsyncIterable<Uint8Array>[]): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const waiting = [...parts];
      let open: AsyncIterator<Uint8Array> | undefined;
      return {
        async next() {
          for (;;) {
            open ??= waiting.shift()?.[Symbol.asyncIterator]();
            if (open === undefined) return { done: true, value: undefined };
            const step = await open.next();
            if (step.done !== true) return { done: false, value: step.value };
            open = undefined;
          }
        },
        async return() {
          const left = [open, ...waiting.splice(0).map((part) => part[Symbol.asyncIterator]())];
          open = undefined;
          await Promise.all(left.map(async (part) => part?.return?.()));
          return { done: true, value: undefined };
        },
      };
    },
  };
}

/**
 * What `write` makes of the bytes that a stream gives. A generator alone would do, but its `return()`
 * waits for a `next()` that hangs; so the stream itself is let go first, and that ends the generator.
 */
export function transformed(
  chunks: AsyncIterable<Uint8Array>,
  write: (source: AsyncIterator<Uint8Array>) => AsyncGenerator<Uint8Array, void, void>,
): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const source = chunks[Symbol.asyncIterator]();
      const written = write(source);
      return {
        async next() {
          try {
            return await written.next();
          } catch (thrown) {
            // Nobody will ask for more, also where it is not the source that failed.
            await source.return?.();
            throw thrown;
          }
        },
        async return() {
          await source.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
