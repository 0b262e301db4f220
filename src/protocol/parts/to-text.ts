import { ByteReader } from '../byte-reader.js';
import { transformed } from '../byte-streams.js';
import { RedlinkError } from '../../support/errors.js';
import { placeholder, readHead } from './head.js';
import { partText } from './part-text.js';

/**
 * A value in parts as the JSON text that `JSON.stringify` would give, in UTF-8, for a store that reads
 * nothing else. Holds the text around the parts in memory, and of the parts what has just come.
 * @throws RedlinkError, in the iteration: `BAD_REQUEST` where it is no value in parts, `PAYLOAD_IO` where it ends early.
 */
export function partsToText(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return transformed(chunks, writeText);
}

async function* writeText(source: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const reader = new ByteReader(source);
  const { mark, textBytes, parts } = await readHead(reader);
  const frame = Buffer.allocUnsafeSlow(textBytes);
  await reader.fill(frame);
  let written = 0;
  for (const [index, { kind, byteLength }] of parts.entries()) {
    const place = JSON.stringify(placeholder(mark, index));
    const at = frame.indexOf(place, written);
    if (at < 0) throw new RedlinkError('BAD_REQUEST', 'A value in parts has no place for one of them');
    const part = partText(kind);
    yield Buffer.concat([frame.subarray(written, at), Buffer.from(part.begin)]);
    for await (const chunk of reader.chunks(byteLength)) yield part.write(chunk);
    yield Buffer.concat([part.finish(), Buffer.from(part.end)]);
    written = at + place.length;
  }
  yield frame.subarray(written);
  if (!(await reader.atEnd())) throw new RedlinkError('BAD_REQUEST', 'A value in parts has too many bytes');
}
