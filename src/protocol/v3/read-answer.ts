import type { PayloadSource } from '../payload-source.js';
import type { Read, ReadAnswer } from '../verbs.js';
import type { ArrivingResponse, WireResponse } from '../wire.js';
import { FartherOnError, RedlinkError } from '../../support/errors.js';
import { encodedLength, encodeText } from './codec.js';
import { isRecord } from './json-body.js';
import { metaFromHeaders, metaToHeaders, saysFound } from './message-headers.js';
import { afterLine } from './json-line.js';
import { MESSAGE_CONTENT_TYPE, messageLine, takeMessageLine } from './message-line.js';
import { asPeerAnswer, peerFailure, reasonOf, saysUnreachable } from './peer-failure.js';
import { readFailure, readWithoutId } from './read.js';
import { jsonResponse, understand } from './responses.js';
import { arrivingSource, openAsCodec, openForNew } from './sources.js';

/** The answer to a read: the message as headers and a stream (WIRE 6), or as one stream between new stores. */

/** Characters up to which a message in memory goes out in one piece instead of as a stream. */
const MAX_INLINE_CHARS = 65_536;

const HTTP_OK = 200;

type Found = Extract<ReadAnswer, { kind: 'found' }>;

/** The answer as it goes out. `settle` of a found message is called when the network has taken the last byte. */
export function encodeReadAnswer(answer: ReadAnswer, read: Read, readerIsNew: boolean): WireResponse {
  if (answer.kind === 'notFound') {
    const missing = { redlinkProducerId: read.producerId, consumerId: read.consumer.id };
    return jsonResponse(read.messageId === '' ? readWithoutId(read) : readFailure(missing, answer.reason));
  }
  return { ...(readerIsNew ? asMessage(answer) : asCodec(answer)), onSent: answer.settle };
}

function asCodec({ meta, body }: Found): WireResponse {
  const length = body.text === undefined ? codecLength(body) : encodedLength(body.text);
  const inline = body.text !== undefined && body.text.length <= MAX_INLINE_CHARS;
  return {
    status: HTTP_OK,
    headers: {
      ...metaToHeaders(meta),
      'content-type': 'text/html; charset=utf-8',
      ...(length === undefined || inline ? {} : { 'content-length': String(length) }),
    },
    body: inline ? encodeText(body.text) : openAsCodec(body),
  };
}

function asMessage({ meta, body }: Found): WireResponse {
  const { restore, text } = body;
  const status = HTTP_OK;
  const type = { 'content-type': MESSAGE_CONTENT_TYPE };
  if (text !== undefined && text.length <= MAX_INLINE_CHARS) {
    const line = messageLine(meta, { encoding: 'utf8', byteLength: undefined, restore });
    return { status, headers: type, body: line + text };
  }
  const opened = openForNew(body);
  const { encoding, byteLength } = opened;
  const stream = afterLine(messageLine(meta, { encoding, byteLength, restore }), opened);
  return { status, headers: { ...stream.headers, ...type }, body: stream.body };
}

function codecLength(body: PayloadSource): number | undefined {
  return body.encoding === 'codec' ? body.byteLength : undefined;
}

/**
 * The answer as it arrives; its body is still on the way.
 * @throws RedlinkError `PEER_ANSWER` where it makes no sense, `PEER_UNREACHABLE` where a store on the way says so.
 */
export async function decodeReadAnswer(response: ArrivingResponse, read: Read): Promise<ReadAnswer> {
  if (response.headers['content-type']?.startsWith(MESSAGE_CONTENT_TYPE) === true) {
    return foundAsMessage(response, read);
  }
  if (saysFound(response.headers)) return foundAsCodec(response, read);
  return understand(response, notFound);
}

async function foundAsMessage(response: ArrivingResponse, read: Read): Promise<ReadAnswer> {
  const { meta, body, rest } = await asPeerAnswer(() => takeMessageLine(response.body));
  if (meta.messageId !== read.messageId) {
    throw new RedlinkError('PEER_ANSWER', 'A read was answered with another message.');
  }
  return found(meta, rest, body);
}

async function foundAsCodec(response: ArrivingResponse, read: Read): Promise<ReadAnswer> {
  const meta = await asPeerAnswer(async () => metaFromHeaders(response.headers, read));
  const length = Number(response.headers['content-length']);
  return found(meta, response.body, {
    encoding: 'codec',
    byteLength: Number.isSafeInteger(length) ? length : undefined,
  });
}

function found(
  meta: Found['meta'],
  bytes: AsyncIterable<Uint8Array>,
  known: Parameters<typeof arrivingSource>[1],
): Found {
  const body = arrivingSource(bytes, known);
  let opened = false;
  return {
    kind: 'found',
    meta,
    body: {
      ...body,
      open() {
        opened = true;
        return body.open();
      },
    },
    // The network cannot be told that all arrived; but what nobody opened must be let go.
    settle: () => {
      if (!opened) void abandon(bytes);
    },
  };
}

/** Ends a body that nobody wants. That it ends with an error is no news to anyone. */
async function abandon(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const chunks = bytes[Symbol.asyncIterator]();
  try {
    await chunks.return?.();
  } catch {
    return; // The connection is gone, which is what was wanted.
  }
}

function notFound(status: number, wire: unknown): ReadAnswer {
  const fields = isRecord(wire) ? wire : {};
  const reason = reasonOf(fields['err']);
  if (reason === undefined) throw relayFailure(status, fields);
  if (saysUnreachable(fields['code'])) throw new FartherOnError('PEER_UNREACHABLE', reason);
  return { kind: 'notFound', reason };
}

/** A 3.0.5 store on the way that does not reach the next one says `error` alone, with HTTP status 200. */
function relayFailure(status: number, fields: Readonly<Record<string, unknown>>): RedlinkError {
  const reason = reasonOf(fields['error']);
  if (status !== HTTP_OK || reason === undefined) return peerFailure(status, fields);
  return new FartherOnError('PEER_UNREACHABLE', reason);
}
