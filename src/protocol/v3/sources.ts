import type { PayloadSource, Restore } from '../payload-source.js';
import { partsToText } from '../parts/to-text.js';
import { RedlinkError } from '../../support/errors.js';
import { codecToUtf8, utf8ToCodec } from './codec-stream.js';

/** Payload sources as they arise at the wire, and their two encodings. */

/** JSON text that is all in memory. */
export function textSource(text: string, restore?: Restore): PayloadSource {
  return {
    encoding: 'utf8',
    text,
    byteLength: Buffer.byteLength(text, 'utf8'),
    restore,
    async *open() {
      yield Buffer.from(text, 'utf8');
    },
  };
}

/** What is known of bytes that are still arriving. */
interface Arriving {
  readonly encoding: PayloadSource['encoding'];
  readonly byteLength?: number | undefined;
  readonly restore?: Restore | undefined;
}

/** Bytes that are still arriving: opened once, a second time throws `PAYLOAD_IO`. */
export function arrivingSource(bytes: AsyncIterable<Uint8Array>, known: Arriving): PayloadSource {
  let opened = false;
  return {
    encoding: known.encoding,
    text: undefined,
    byteLength: known.byteLength,
    restore: known.restore,
    open() {
      if (opened) throw new RedlinkError('PAYLOAD_IO', 'A payload that is arriving can be read only once.');
      opened = true;
      return bytes;
    },
  };
}

/** The bytes as a new store takes them: JSON text in UTF-8, or parts. */
export function openForNew(source: PayloadSource): {
  readonly encoding: 'utf8' | 'parts';
  readonly byteLength: number | undefined;
  readonly open: () => AsyncIterable<Uint8Array>;
} {
  const { encoding, byteLength } = source;
  if (encoding === 'codec')
    return { encoding: 'utf8', byteLength: undefined, open: () => openAsUtf8(source) };
  return { encoding, byteLength, open: () => source.open() };
}

/** The bytes in codec form. */
export function openAsCodec(source: PayloadSource): AsyncIterable<Uint8Array> {
  return source.encoding === 'codec' ? source.open() : utf8ToCodec(openAsUtf8(source));
}

/** The bytes as JSON text in UTF-8. */
export function openAsUtf8(source: PayloadSource): AsyncIterable<Uint8Array> {
  switch (source.encoding) {
    case 'utf8':
      return source.open();
    case 'codec':
      return codecToUtf8(source.open());
    case 'parts':
      return partsToText(source.open());
  }
}
