import { z } from 'zod';
import { MAX_HEADER_PRESERVED_CHARS } from '../limits.js';
import type { MessageMeta, Read } from '../verbs.js';
import { RedlinkError } from '../../support/errors.js';
import { decodeToJson, encodedLength, encodeText } from './codec.js';
import { booleanField, idField, measureField, nameField, parseFields } from './fields.js';

/** What a reader learns of a message besides its payload, as the response headers of version 3 (WIRE 6). */

/** What a header can carry: Latin-1 without control characters. */
const PRINTABLE_LATIN1 = /^[\x20-\x7e\xa0-\xff]*$/;
/** Values that version 3 does not put into codec form, and that its header therefore cannot tell from none. */
const FALSY_JSON = new Set(['', '""', '0', '-0', 'false', 'null']);

type Headers = Readonly<Record<string, string>>;

/** Headers of a found message. What no header can carry is left out, or sent empty: nothing depends on it. */
export function metaToHeaders(meta: MessageMeta): Headers {
  const headers = {
    redlinkmsgid: meta.messageId,
    storename: meta.storeName,
    servicename: meta.service,
    read: String(meta.read),
    sendonly: String(meta.sendOnly),
    redlinkproducerid: meta.producerId,
    preserved: preservedToHeader(meta.preserved),
    timestamp: String(meta.acceptedEpochMs),
    priority: String(meta.priority),
    islargemessage: String(meta.large),
    lifetime: String(meta.ageS),
    timesincenotify: String(meta.sinceNotifyS),
    enforcereversepath: String(meta.reversePath),
    ...(meta.consumerId === '' ? {} : { consumerid: meta.consumerId }),
  };
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => PRINTABLE_LATIN1.test(value)));
}

/** Whether the headers of an answer say that the message was found. */
export function saysFound(headers: Headers): boolean {
  return headers['redlinkmsgid'] !== undefined;
}

const found = z.object({
  redlinkmsgid: idField,
  storename: z
    .union([z.literal(''), nameField])
    .optional()
    .default(''),
  servicename: nameField.optional(),
  read: booleanField.optional().default(false),
  sendonly: booleanField.optional().default(false),
  redlinkproducerid: idField.optional(),
  preserved: z.string().optional().default(''),
  timestamp: measureField,
  priority: z.coerce.number().optional().default(0),
  islargemessage: booleanField.optional().default(false),
  lifetime: measureField,
  timesincenotify: measureField,
  enforcereversepath: booleanField.optional().default(true),
  consumerid: z
    .union([z.literal(''), idField])
    .optional()
    .default(''),
});

/**
 * The headers of a found message; what a peer had to leave out is known from the request.
 * @throws RedlinkError `BAD_REQUEST` where one makes no sense, `PEER_ANSWER` where they speak of another message.
 */
export function metaFromHeaders(headers: Headers, read: Read): MessageMeta {
  const fields = parseFields(found, headers);
  if (fields.redlinkmsgid !== read.messageId) {
    throw new RedlinkError('PEER_ANSWER', 'A read was answered with another message.');
  }
  return {
    messageId: fields.redlinkmsgid,
    storeName: fields.storename,
    service: fields.servicename ?? read.consumer.service,
    read: fields.read,
    sendOnly: fields.sendonly,
    producerId: fields.redlinkproducerid ?? read.producerId,
    preserved: preservedFromHeader(fields.preserved),
    acceptedEpochMs: fields.timestamp,
    priority: fields.priority,
    large: fields.islargemessage,
    ageS: fields.lifetime,
    sinceNotifyS: fields.timesincenotify,
    reversePath: fields.enforcereversepath,
    consumerId: fields.consumerid,
    deadlineInMs: undefined,
    deliveryCount: 1,
  };
}

/** Over the limit a header would be lost, and the message with it (DEFECTS 20). */
function preservedToHeader(json: string): string {
  if (FALSY_JSON.has(json) || encodedLength(json) > MAX_HEADER_PRESERVED_CHARS) return '';
  return encodeText(json);
}

/** `preserved` is the producer's own; what a reader cannot make out of it is left away. */
function preservedFromHeader(header: string): string {
  try {
    return header === '' ? '' : decodeToJson(header);
  } catch {
    return ''; // Nobody but the producer uses it, and the producer has its own copy.
  }
}
