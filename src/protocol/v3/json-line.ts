import { ByteReader } from '../byte-reader.js';
import { inSequence, once } from '../byte-streams.js';
import { MAX_BODY_BYTES } from '../limits.js';
import { RedlinkError } from '../../support/errors.js';
import { parseJson, utf8Text } from './json-body.js';

/** A body between new stores that begins with a line of JSON, and goes on as a stream. */
export interface AfterLine {
  readonly line: unknown;
  readonly rest: AsyncIterable<Uint8Array>;
}

/**
 * Header and body of a line and the stream that follows it. With the length said beforehand the
 * bytes need no frames of their own on the connection, which makes them much cheaper to write.
 */
export function afterLine(
  line: string,
  {
    byteLength,
    open,
  }: { readonly byteLength: number | undefined; readonly open: () => AsyncIterable<Uint8Array> },
): { readonly headers: Readonly<Record<string, string>>; readonly body: AsyncIterable<Uint8Array> } {
  const first = Buffer.from(line);
  return {
    headers: byteLength === undefined ? {} : { 'content-length': String(first.byteLength + byteLength) },
    body: inSequence(once(first), open()),
  };
}

/**
 * Takes the line off the front of a body, and leaves what follows.
 * @throws RedlinkError `BAD_REQUEST` where it is not JSON or has no end, `BODY_TOO_LARGE`
 */
export async function takeJsonLine(body: AsyncIterable<Uint8Array>): Promise<AfterLine> {
  const source = body[Symbol.asyncIterator]();
  try {
    const reader = new ByteReader(source);
    const line = parseJson(utf8Text([await reader.line(MAX_BODY_BYTES)]));
    return { line, rest: reader.rest() };
  } catch (thrown) {
    await source.return?.();
    const isCut = thrown instanceof RedlinkError && thrown.code === 'PAYLOAD_IO';
    throw isCut
      ? new RedlinkError('BAD_REQUEST', 'The body ends before its first line does.', thrown)
      : thrown;
  }
}
