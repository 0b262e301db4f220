import { z } from 'zod';
import type { Capabilities, Reply, ReplyAnswer } from '../verbs.js';
import type { WireBody, WireRequest } from '../wire.js';
import { inSequence, once } from '../byte-streams.js';
import { idField, measureField, nameField, parseFields, roomField } from './fields.js';
import { isRecord } from './json-body.js';
import { codecPathField, pathFromCodec, pathToCodec } from './path.js';
import { peerFailure } from './peer-failure.js';
import { jsonRequest } from './registration.js';
import type { JsonAnswer } from './registration.js';
import { replyMessage } from './reply-message.js';
import { hintsExtension, valueToWire } from './reply-values.js';
import type { ReplyParts } from './reply-stream.js';
import { openAsCodec } from './sources.js';
import type { PayloadSource } from '../payload-source.js';

/** POST /reply-message: a consumer's answer on its way to the producer (WIRE 6). */

export const REPLY_PATH = '/reply-message';

/** Characters up to which a value in memory is written into the body instead of streamed. */
const MAX_INLINE_CHARS = 65_536;

const HTTP_OK = 200;
const HTTP_NOT_FOUND = 404;

/** What a new store is told where the message is no longer its consumer's. */
const STALE = 'stale';

const body = z.object({
  redlinkProducerId: idField,
  replyingService: nameField,
  replyingServiceId: idField,
  replyingStoreName: nameField.optional(),
  redlinkMsgId: idField,
  replyDelay: measureField,
  notifyPath: codecPathField,
  enm: roomField,
  // Only between new stores: names the assignment.
  redlinkToken: idField.optional(),
});

/**
 * The reply as it travels. A small one has its keys in the order of version 3; a large one ends with
 * `payload`, so that all else is known when the stream begins. A large error goes with it in the form of
 * version 3 even to a new store: such an error is rare, and the other form has place for one stream only.
 */
export function encodeReply(verb: Reply, peer: Capabilities | undefined): WireRequest {
  const head = {
    redlinkProducerId: verb.producerId,
    replyingService: verb.consumer.service,
    replyingServiceId: verb.consumer.id,
    replyingStoreName: verb.consumer.storeName,
    redlinkMsgId: verb.messageId,
    replyDelay: verb.replyDelayMs,
  };
  const tail = { notifyPath: pathToCodec(verb.path), enm: String(Math.round(verb.room)) };
  const toNewStore = peer !== undefined || verb.token !== undefined;
  const redlink = !toNewStore ? undefined : hintsExtension(verb.payload.restore, verb.consumerError?.restore);
  const payload = inline(verb.payload);
  const cerror = verb.consumerError === undefined ? '' : inline(verb.consumerError);
  if (payload !== undefined && cerror !== undefined) {
    return jsonRequest(REPLY_PATH, { ...head, payload, ...tail, cerror, redlink, redlinkToken: verb.token });
  }
  if (toNewStore && cerror !== undefined) {
    const fields = { ...head, ...tail, cerror, redlink, redlinkToken: verb.token };
    return replyMessage(REPLY_PATH, fields, verb.payload);
  }
  return {
    ...jsonRequest(REPLY_PATH, {}),
    body: streamed(JSON.stringify({ ...head, ...tail, redlink, redlinkToken: verb.token }), verb),
  };
}

/** The value as text of the body; undefined where it is too large for that. */
function inline(source: PayloadSource): string | undefined {
  const fits = source.text !== undefined && source.text.length <= MAX_INLINE_CHARS;
  return fits ? valueToWire(source.text) : undefined;
}

/** The fields, then the two values as they come out of their sources. */
function streamed(fields: string, verb: Reply): WireBody {
  return inSequence(
    text(`${fields.slice(0, -1)},"cerror":"`),
    valueStream(verb.consumerError),
    text('","payload":"'),
    valueStream(verb.payload),
    text('"}'),
  );
}

function valueStream(source: PayloadSource | undefined): AsyncIterable<Uint8Array> {
  if (source === undefined) return text('');
  const small = inline(source);
  return small === undefined ? openAsCodec(source) : text(small);
}

function text(of: string): AsyncIterable<Uint8Array> {
  return once(Buffer.from(of, 'utf8'));
}

/** @throws RedlinkError `BAD_REQUEST` */
export function decodeReply(parts: ReplyParts): Reply {
  const fields = parseFields(body, parts.fields);
  return {
    verb: 'reply',
    messageId: fields.redlinkMsgId,
    producerId: fields.redlinkProducerId,
    consumer: {
      id: fields.replyingServiceId,
      service: fields.replyingService,
      storeName: fields.replyingStoreName,
    },
    replyDelayMs: fields.replyDelay,
    room: fields.enm,
    path: pathFromCodec(fields.notifyPath),
    payload: parts.payload,
    consumerError: parts.consumerError,
    token: fields.redlinkToken,
  };
}

export function encodeReplyAnswer(answer: ReplyAnswer, reply: Reply): JsonAnswer {
  const rejected = answer.kind === 'rejected';
  return {
    status: rejected ? HTTP_NOT_FOUND : HTTP_OK,
    body: {
      msg: `${rejected ? 'Reply Rejected for' : 'Reply received for'} ${reply.messageId}`,
      redlinkMsgId: reply.messageId,
      // Only to a store that named the assignment.
      ...(answer.kind === 'stale' ? { redlink: STALE } : {}),
    },
  };
}

/** @throws RedlinkError `PEER_ANSWER` where it makes no sense, `PEER_UNREACHABLE` where a store on the way says so. */
export function decodeReplyAnswer(status: number, wire: unknown): ReplyAnswer {
  if (status === HTTP_OK) {
    return { kind: isRecord(wire) && wire['redlink'] === STALE ? 'stale' : 'received' };
  }
  if (status === HTTP_NOT_FOUND && isRecord(wire) && wire['redlinkMsgId'] !== undefined) {
    return { kind: 'rejected' };
  }
  throw peerFailure(status, wire);
}
