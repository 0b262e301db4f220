import { Utf16Reader } from '../utf16-reader.js';
import { escapeLoneSurrogates, notCodec } from './codec.js';

/**
 * The codec of version 3 as a stream, both ways, in bounded memory: each chunk is handled as it
 * comes, and what it leaves unfinished (a UTF-8 sequence, a base64 group, a UTF-16 unit, a surrogate
 * pair) is at most a few bytes that wait for the next.
 */

const GROUP_CHARS = 4;
const GROUP_BYTES = 3;
const PADDING = '=';
/** What UTF-8 puts in the place of a surrogate without its other half. */
const REPLACEMENT = Buffer.from('\ufffd', 'utf8');
const NOTHING = Buffer.alloc(0);

/** One direction of the codec: takes bytes in, gives the bytes that are complete so far. */
interface Step {
  push(chunk: Uint8Array): Buffer;
  /** What is left at the end. */
  end(): Buffer;
}

/**
 * JSON text as UTF-8, in codec form.
 * @throws RedlinkError `BAD_REQUEST`, in the iteration, where the bytes are not UTF-8.
 */
export function utf8ToCodec(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const writer = new Base64Writer();
  return through(chunks, {
    push: (chunk) => writer.write(Buffer.from(readUtf8(decoder, chunk), 'utf16le')),
    end: () => writer.end(Buffer.from(readUtf8(decoder), 'utf16le')),
  });
}

/**
 * Codec form as JSON text in UTF-8. A surrogate without its other half becomes a JSON escape.
 * @throws RedlinkError `BAD_REQUEST`, in the iteration, where it is no codec text.
 */
export function codecToUtf8(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const reader = new Base64Reader();
  const units = new Utf16Reader();
  return through(chunks, {
    push: (chunk) => toUtf8(units.read(reader.read(chunk))),
    end: () => {
      reader.end();
      return toUtf8(units.end());
    },
  });
}

/**
 * The chunks after one step each. Not a generator: its `return()` reaches the source at once, even
 * while a `next()` hangs, so that a file or a socket is let go when the other side is gone.
 */
function through(chunks: AsyncIterable<Uint8Array>, step: Step): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const source = chunks[Symbol.asyncIterator]();
      let ended = false;
      return {
        async next() {
          while (!ended) {
            const arrived = await source.next();
            ended = arrived.done === true;
            const out = await stepped(source, () =>
              arrived.done === true ? step.end() : step.push(arrived.value),
            );
            if (out.length > 0) return { done: false, value: out };
          }
          return { done: true, value: undefined };
        },
        async return() {
          ended = true;
          await source.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

/** Does one step; where it fails the source is let go first, since nobody will ask it for more. */
async function stepped(source: AsyncIterator<Uint8Array>, step: () => Buffer): Promise<Buffer> {
  try {
    return step();
  } catch (thrown) {
    await source.return?.();
    throw thrown;
  }
}

/** Text so far complete in a UTF-8 stream; without a chunk: the end of it. */
function readUtf8(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch (thrown) {
    throw notCodec(thrown);
  }
}

function toUtf8(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  // Looking for the replacement is far cheaper than looking for lone surrogates in every text.
  return bytes.includes(REPLACEMENT) ? Buffer.from(escapeLoneSurrogates(text), 'utf8') : bytes;
}

/** Bytes to base64, keeping back what does not fill a group yet. */
class Base64Writer {
  private rest: Buffer = NOTHING;

  write(bytes: Buffer): Buffer {
    const all = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    const whole = all.length - (all.length % GROUP_BYTES);
    this.rest = all.subarray(whole);
    return Buffer.from(all.toString('base64', 0, whole), 'latin1');
  }

  end(bytes: Buffer): Buffer {
    const last = Buffer.concat([this.rest, bytes]);
    this.rest = NOTHING;
    return Buffer.from(last.toString('base64'), 'latin1');
  }
}

/** Base64 to bytes, keeping back the digits of an unfinished group. */
class Base64Reader {
  private rest = '';
  private padded = false;

  read(chunk: Uint8Array): Buffer {
    const text = this.rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1');
    const whole = text.length - (text.length % GROUP_CHARS);
    this.rest = text.slice(whole);
    return this.decode(text.slice(0, whole));
  }

  /** Checks that nothing is left over. Groups are always whole: both sides pad (WIRE 1). */
  end(): void {
    if (this.rest !== '') throw notCodec();
  }

  /** Node leaves out what is no base64 digit: a result that is too short gives the bad ones away. */
  private decode(groups: string): Buffer {
    if (groups === '') return NOTHING;
    if (this.padded) throw notCodec();
    const padding = groups.endsWith(PADDING + PADDING) ? 2 : groups.endsWith(PADDING) ? 1 : 0;
    const bytes = Buffer.from(groups, 'base64');
    if (bytes.length !== (groups.length / GROUP_CHARS) * GROUP_BYTES - padding) throw notCodec();
    this.padded = padding > 0;
    return bytes;
  }
}
