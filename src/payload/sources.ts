import type { PayloadSource, Restore } from '../protocol/payload-source.js';
import { openAsUtf8 } from '../protocol/v3/sources.js';
import { RedlinkError } from '../support/errors.js';
import { MAX_TEXT_CHARS } from './limits.js';
import type { KeptEncoding } from './names.js';
import { textPieces } from './text-pieces.js';

export { parseRestore, encodeRestore } from './restore.js';

/** JSON text in memory as a source; `restore` as `serialise` gave it. */
export function textSource(text: string, restore: Restore | undefined): PayloadSource {
  return new TextSource(text, restore);
}

class TextSource implements PayloadSource {
  readonly encoding = 'utf8';
  readonly text: string;
  readonly restore: Restore | undefined;
  #byteLength: number | undefined;

  constructor(text: string, restore: Restore | undefined) {
    this.text = text;
    this.restore = restore;
  }

  get byteLength(): number {
    this.#byteLength ??= Buffer.byteLength(this.text);
    return this.#byteLength;
  }

  async *open(): AsyncGenerator<Uint8Array> {
    for (const piece of textPieces(this.text)) yield Buffer.from(piece);
  }
}

/** The same source as JSON text in UTF-8, recoded on its way where it is anything else. */
export function asUtf8(source: PayloadSource): PayloadSource {
  if (source.encoding === 'utf8') return source;
  if (source.text !== undefined) return textSource(source.text, source.restore);
  return {
    encoding: 'utf8',
    text: undefined,
    byteLength: undefined,
    restore: source.restore,
    open: () => openAsUtf8(source),
  };
}

/** A source as it is kept: in parts where it is, else as JSON text in UTF-8. */
export function asKept(source: PayloadSource): { encoding: KeptEncoding; open: PayloadSource['open'] } {
  if (source.encoding === 'parts' && source.text === undefined) {
    return { encoding: 'parts', open: () => source.open() };
  }
  const utf8 = asUtf8(source);
  return { encoding: 'utf8', open: () => utf8.open() };
}

/**
 * The whole JSON text of a source.
 * @param limitBytes most bytes of UTF-8 that are taken; no limit of its own where left out.
 * @throws RedlinkError `MESSAGE_TOO_LARGE` over the limit or over {@link MAX_TEXT_CHARS},
 *   `BAD_REQUEST` where the bytes are not UTF-8, and whatever the source throws where it ends early.
 */
export async function readText(source: PayloadSource, limitBytes = Infinity): Promise<string> {
  const utf8 = asUtf8(source);
  if (utf8.byteLength !== undefined && utf8.byteLength > limitBytes) throw tooLarge(limitBytes);
  return utf8.text ?? decode(utf8.open(), limitBytes);
}

async function decode(chunks: AsyncIterable<Uint8Array>, limitBytes: number): Promise<string> {
  // In stream mode the decoder keeps what a chunk leaves unfinished of a character. `ignoreBOM` keeps it as text.
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const pieces: string[] = [];
  let bytes = 0;
  let chars = 0;
  const add = (piece: string): void => {
    pieces.push(piece);
    chars += piece.length;
    if (chars > MAX_TEXT_CHARS) throw tooLarge(MAX_TEXT_CHARS);
  };
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes > limitBytes) throw tooLarge(limitBytes);
    add(decodePiece(decoder, chunk));
  }
  add(decodePiece(decoder));
  return pieces.join('');
}

function decodePiece(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch (thrown) {
    throw new RedlinkError('BAD_REQUEST', 'The payload is not valid UTF-8', thrown);
  }
}

function tooLarge(limit: number): RedlinkError {
  return new RedlinkError('MESSAGE_TOO_LARGE', `The payload is larger than ${limit} bytes of text`);
}
