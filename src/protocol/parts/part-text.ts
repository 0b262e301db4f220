import { RedlinkError } from '../../support/errors.js';
import { Utf16Reader } from '../utf16-reader.js';
import { BUFFER_BEGIN, BUFFER_END, BytesAsNumbers } from './buffer-numbers.js';
import type { PartKind } from './head.js';

/** Turns the bytes of one part, as they come, into the JSON text of what they are. */
export interface PartText {
  /** The text before the first byte, and after the last. */
  readonly begin: string;
  readonly end: string;
  write(chunk: Uint8Array): Buffer;
  /** What the last bytes have left. @throws RedlinkError `BAD_REQUEST` where they break off within a character. */
  finish(): Buffer;
}

/** The bytes are decoded and written as the inside of a JSON string. */
class StringText implements PartText {
  readonly begin = '"';
  readonly end = '"';

  constructor(private readonly decode: (chunk: Uint8Array | undefined) => string) {}

  write(chunk: Uint8Array): Buffer {
    return escaped(this.decode(chunk));
  }

  finish(): Buffer {
    return escaped(this.decode(undefined));
  }
}

/** The bytes are written as numbers: `{"type":"Buffer","data":[…]}`. */
class BufferText implements PartText {
  readonly begin = BUFFER_BEGIN;
  readonly end = BUFFER_END;
  private readonly numbers = new BytesAsNumbers();

  write(chunk: Uint8Array): Buffer {
    return this.numbers.write(chunk);
  }

  finish(): Buffer {
    return Buffer.alloc(0);
  }
}

/** @throws RedlinkError `BAD_REQUEST`, when it is used, where the bytes are not what the kind says */
export function partText(kind: PartKind): PartText {
  switch (kind) {
    case 'buffer':
      return new BufferText();
    case 'latin1':
      return new StringText((chunk) => (chunk === undefined ? '' : latin1(chunk)));
    case 'utf8': {
      const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
      return new StringText((chunk) => utf8(decoder, chunk));
    }
    case 'utf16le': {
      const reader = new Utf16Reader();
      return new StringText((chunk) => (chunk === undefined ? reader.end() : reader.read(chunk)));
    }
  }
}

/** As `JSON.stringify` writes it within a string: a surrogate without its other half becomes an escape. */
function escaped(text: string): Buffer {
  return Buffer.from(JSON.stringify(text).slice(1, -1));
}

function latin1(chunk: Uint8Array): string {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
}

function utf8(decoder: TextDecoder, chunk: Uint8Array | undefined): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch (thrown) {
    throw new RedlinkError('BAD_REQUEST', 'A part of a value is not UTF-8', thrown);
  }
}
