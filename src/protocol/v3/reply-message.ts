import { z } from 'zod';
import type { WireRequest } from '../wire.js';
import type { PayloadSource } from '../payload-source.js';
import { byteLengthField, encodingField, parseFields } from './fields.js';
import { isRecord } from './json-body.js';
import { afterLine, takeJsonLine } from './json-line.js';
import type { ReplyParts } from './reply-stream.js';
import { errorFromWire, replyHints } from './reply-values.js';
import { arrivingSource, openForNew } from './sources.js';

/**
 * A large reply between new stores: one line of JSON that says all but the payload, a line feed, and the
 * payload as it is kept. What comes last can be passed on or kept as it comes, whatever its size.
 */

export const REPLY_CONTENT_TYPE = 'application/vnd.redlink.reply';

const line = z.object({ encoding: encodingField, byteLength: byteLengthField });

/** @param fields - those of the reply as they are on the wire, but for the payload */
export function replyMessage(
  path: string,
  fields: Readonly<Record<string, unknown>>,
  payload: PayloadSource,
): WireRequest {
  const opened = openForNew(payload);
  const { encoding, byteLength } = opened;
  const { headers, body } = afterLine(`${JSON.stringify({ ...fields, encoding, byteLength })}\n`, opened);
  return {
    path,
    headers: { ...headers, 'content-type': REPLY_CONTENT_TYPE },
    body,
    quick: true,
  };
}

export function isReplyMessage(headers: Readonly<Record<string, string>>): boolean {
  return headers['content-type']?.startsWith(REPLY_CONTENT_TYPE) === true;
}

/**
 * The reply, whose payload is still on the way.
 * @throws RedlinkError `BAD_REQUEST` where it makes no sense, `BODY_TOO_LARGE`.
 */
export async function readReplyMessage(body: AsyncIterable<Uint8Array>): Promise<ReplyParts> {
  const { line: fields, rest } = await takeJsonLine(body);
  const known = parseFields(line, fields);
  const { redlink, cerror } = isRecord(fields) ? fields : {};
  return {
    fields,
    payload: arrivingSource(rest, { ...known, restore: replyHints(redlink, 'payload') }),
    consumerError: errorFromWire(cerror, replyHints(redlink, 'cerror')),
  };
}
