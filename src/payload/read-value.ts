import { constants, isUtf8 } from 'node:buffer';
import { ByteReader } from '../protocol/byte-reader.js';
import { readHead, type Part, placeholder } from '../protocol/parts/head.js';
import type { PayloadSource, Restore } from '../protocol/payload-source.js';
import { RedlinkError } from '../support/errors.js';
import { revive, reviveAround } from './revive.js';
import { readText } from './sources.js';

/**
 * The value of a source, all of it in memory: a large Buffer takes no more than itself on the way, a
 * large string its bytes as well.
 * @throws RedlinkError `MESSAGE_TOO_LARGE` where V8 cannot hold it, `BAD_REQUEST` where the bytes are
 *   no value or nested too deep, and whatever the source throws where it ends early.
 */
export async function readValue(source: PayloadSource): Promise<unknown> {
  if (source.text !== undefined) return revive(source.text, source.restore);
  if (source.encoding !== 'parts') return revive(await readText(source), source.restore);
  const bytes = source.open()[Symbol.asyncIterator]();
  try {
    return await readParts(new ByteReader(bytes), source.restore);
  } catch (thrown) {
    await bytes.return?.();
    throw thrown;
  }
}

async function readParts(reader: ByteReader, restore: Restore | undefined): Promise<unknown> {
  const { mark, textBytes, parts } = await readHead(reader);
  const text = await readString(reader, { kind: 'utf8', byteLength: textBytes });
  const leaves = new Map<string, Buffer | string>();
  for (const [index, part] of parts.entries()) {
    const leaf = part.kind === 'buffer' ? await readBuffer(reader, part) : await readString(reader, part);
    leaves.set(placeholder(mark, index), leaf);
  }
  if (!(await reader.atEnd())) throw new RedlinkError('BAD_REQUEST', 'A value in parts has too many bytes');
  return reviveAround(text, leaves, restore);
}

/** Memory is taken up only as the bytes come, whatever length was announced: the system gives pages when they are used. */
async function readBuffer(reader: ByteReader, { byteLength }: Part): Promise<Buffer> {
  const buffer = allocate(byteLength);
  await reader.fill(buffer);
  return buffer;
}

async function readString(reader: ByteReader, part: Part): Promise<string> {
  const { kind } = part;
  if (kind === 'buffer') throw new RedlinkError('BAD_REQUEST', 'A Buffer is not a string');
  const bytes = await readBuffer(reader, part);
  if (kind === 'utf8' && !isUtf8(bytes)) throw new RedlinkError('BAD_REQUEST', 'A part is not UTF-8');
  try {
    return bytes.toString(kind);
  } catch (thrown) {
    throw tooLarge(`a string of ${bytes.byteLength} bytes`, thrown);
  }
}

function allocate(byteLength: number): Buffer {
  if (byteLength > constants.MAX_LENGTH) throw tooLarge(`a Buffer of ${byteLength} bytes`);
  try {
    return Buffer.allocUnsafeSlow(byteLength);
  } catch (thrown) {
    throw tooLarge(`${byteLength} bytes in one piece`, thrown);
  }
}

function tooLarge(what: string, cause?: unknown): RedlinkError {
  return new RedlinkError('MESSAGE_TOO_LARGE', `This process cannot hold ${what}`, cause);
}
