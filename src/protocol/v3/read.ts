import { z } from 'zod';
import type { Capabilities, Read } from '../verbs.js';
import type { WireRequest } from '../wire.js';
import { PROTOCOL_VERSION } from './capabilities.js';
import { idField, measureField, nameField, parseFields, roomField } from './fields.js';
import { isRecord } from './json-body.js';
import { codecPathField, pathFromCodec, pathToCodec } from './path.js';
import { jsonRequest } from './registration.js';
import type { JsonAnswer } from './registration.js';

/** POST /read-message: a consumer fetches the message that was assigned to it (WIRE 6). */

export const READ_PATH = '/read-message';

const HTTP_OK = 200;
const STATUS_NOT_FOUND = 404;
const STATUS_BAD_REQUEST = 400;

/** A request that does not say who reads finds nothing; it is still answered in the form of version 3. */
const optionalId = z
  .union([z.literal(''), idField])
  .optional()
  .default('');
const optionalName = z
  .union([z.literal(''), nameField])
  .optional()
  .default('');

const body = z.object({
  redlinkMsgId: optionalId,
  notifyPath: codecPathField,
  redlinkProducerId: optionalId,
  consumerId: optionalId,
  consumerService: optionalName,
  consumerStoreName: optionalName,
  readDelay: measureField,
  enm: roomField,
  // Only between new stores: names the assignment.
  redlinkToken: idField.optional(),
});

/** The request; a peer that speaks more than version 3 is told that it may answer in its own way. */
export function encodeRead(verb: Read, peer: Capabilities | undefined): WireRequest {
  const toNewStore = peer !== undefined || verb.token !== undefined;
  const request = jsonRequest(READ_PATH, {
    redlinkMsgId: verb.messageId,
    notifyPath: pathToCodec(verb.path),
    redlinkProducerId: verb.producerId,
    consumerId: verb.consumer.id,
    consumerService: verb.consumer.service,
    consumerStoreName: verb.consumer.storeName,
    readDelay: verb.readDelayMs,
    enm: String(Math.round(verb.room)),
    ...(toNewStore ? { redlink: PROTOCOL_VERSION, redlinkToken: verb.token } : {}),
  });
  return { ...request, quick: toNewStore };
}

/** @throws RedlinkError `BAD_REQUEST` */
export function decodeRead(wire: unknown): Read {
  const fields = parseFields(body, wire);
  return {
    verb: 'read',
    messageId: fields.redlinkMsgId,
    producerId: fields.redlinkProducerId,
    consumer: {
      id: fields.consumerId,
      service: fields.consumerService,
      storeName: fields.consumerStoreName,
    },
    path: pathFromCodec(fields.notifyPath),
    readDelayMs: fields.readDelay,
    room: fields.enm,
    // A new reader asks this way only where the message is too large for a batch.
    ...(readerIsNew(wire) ? { carriage: 'stream' } : {}),
    token: fields.redlinkToken,
  };
}

/** Whether the reader understands the answer of new stores. */
export function readerIsNew(wire: unknown): boolean {
  return isRecord(wire) && wire['redlink'] === PROTOCOL_VERSION;
}

/** Why a read finds nothing, in the words of 3.0.5. */
export function messageNotFound(messageId: string): string {
  return `Message with id ${messageId} not found- it may have already been read`;
}

/** The answer to a read that finds nothing, or failed; a reader of version 3 knows it by its missing headers. */
export function readFailure(wire: unknown, reason: string, code?: string): JsonAnswer {
  const fields = isRecord(wire) ? wire : {};
  return {
    status: HTTP_OK,
    body: {
      err: reason,
      redlinkProducerId: idField.safeParse(fields['redlinkProducerId']).data,
      redlinkConsumerId: idField.safeParse(fields['consumerId']).data,
      status: STATUS_NOT_FOUND,
      code,
    },
  };
}

/** The answer to a read that names no message. */
export function readWithoutId(read: Read): JsonAnswer {
  return {
    status: HTTP_OK,
    body: {
      err: 'redlinkMsgId not specified',
      redlinkProducerId: read.producerId,
      status: STATUS_BAD_REQUEST,
    },
  };
}
