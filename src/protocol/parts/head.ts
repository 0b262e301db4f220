import { z } from 'zod';
import type { ByteReader } from '../byte-reader.js';
import { MAX_BODY_BYTES } from '../limits.js';
import { RedlinkError } from '../../support/errors.js';

/**
 * A value in parts: how new stores keep and send a value that holds large Buffers or long strings. A
 * line of JSON (the head), the JSON text of the value with a placeholder for each of those, and then
 * they themselves as raw bytes, in the order of their placeholders (docs/PROTOCOL.md).
 */

/** What the bytes of a part are: a Buffer, or a string in one of three encodings. */
export type PartKind = 'buffer' | 'latin1' | 'utf8' | 'utf16le';

/** One large Buffer or string of the value. */
export interface Part {
  readonly kind: PartKind;
  readonly byteLength: number;
}

/** What the head says. */
export interface PartsHead {
  /** What all placeholders begin with: generated, so that no string of a flow can be taken for one. */
  readonly mark: string;
  /** Bytes of the JSON text with the placeholders. */
  readonly textBytes: number;
  readonly parts: readonly Part[];
}

/** Bytes of a head: as many as of any body that is read into memory. */
const MAX_HEAD_BYTES = MAX_BODY_BYTES;

/** Parts of one value: as many as its head has room for. */
export const MAX_PARTS = 20_000;

/** Bytes of the JSON text around the parts, which has to be in memory: half of what a string of V8 can hold. */
export const MAX_FRAME_BYTES = 2 ** 28;

const byteCount = z.number().int().min(0);

const headSchema = z.object({
  // Nothing that JSON would write otherwise than it is.
  mark: z.string().regex(/^[\w-]{1,64}$/),
  textBytes: byteCount.max(MAX_FRAME_BYTES),
  parts: z
    .array(
      z.object({ kind: z.enum(['buffer', 'latin1', 'utf8', 'utf16le']), byteLength: byteCount }).readonly(),
    )
    .max(MAX_PARTS),
});

/** The head as it stands at the beginning, with its line feed. */
export function writeHead(head: PartsHead): Buffer {
  return Buffer.from(`${JSON.stringify(head)}\n`);
}

/**
 * Takes the head off the beginning.
 * @throws RedlinkError `BAD_REQUEST` where it is none, `BODY_TOO_LARGE`, `PAYLOAD_IO` where the bytes end before.
 */
export async function readHead(reader: ByteReader): Promise<PartsHead> {
  const line = await reader.line(MAX_HEAD_BYTES);
  try {
    return headSchema.parse(JSON.parse(line.toString()));
  } catch (thrown) {
    throw new RedlinkError('BAD_REQUEST', 'The head of a value in parts makes no sense', thrown);
  }
}

/** The string that stands in the JSON text in the place of a part, by the number of the part. */
export function placeholder(mark: string, index: number | string): string {
  return `${mark}-${index}`;
}
