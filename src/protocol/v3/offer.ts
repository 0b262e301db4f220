import { z } from 'zod';
import type { Offer, OfferAnswer, OfferedMessage } from '../verbs.js';
import type { WireRequest } from '../wire.js';
import { FULL_PERCENT } from '../limits.js';
import {
  booleanField,
  hopCountField,
  hostField,
  idField,
  nameField,
  parseFields,
  portField,
  roomField,
  statusField,
} from './fields.js';
import { isRecord } from './json-body.js';
import { pathField, pathToWire } from './path.js';
import { jsonRequest, NOTIFY_PATH } from './registration.js';
import type { JsonAnswer } from './registration.js';

/** `producerNotification`: is there a consumer with room? (WIRE 4) */

export const OFFER = 'producerNotification';

const HTTP_OK = 200;
const HTTP_NOT_FOUND = 404;

/** Fields that an offer and its confirmation share. */
export const offeredFields = {
  service: nameField,
  srcStoreName: nameField,
  srcStoreAddress: hostField,
  srcStorePort: portField,
  notifyPath: pathField,
  sendersHopCount: hopCountField.optional().default(0),
  redlinkMsgId: idField,
  redlinkProducerId: idField,
  // Where a producer says nothing, read and reply travel the way of the notify.
  enforceReversePath: booleanField.optional().default(true),
};

const body = z.object(offeredFields);

const answerBody = z.object({
  consumerId: z
    .union([z.literal(''), idField])
    .optional()
    .default(''),
  consumerStore: z
    .union([z.literal(''), nameField])
    .optional()
    .default(''),
  enm: roomField,
  notifyPath: pathField.optional().default([]),
  status: statusField,
});

export function encodeOffer(verb: Offer): WireRequest {
  return jsonRequest(NOTIFY_PATH, offeredToWire(verb, OFFER, ''));
}

/** @throws RedlinkError `BAD_REQUEST` */
export function decodeOffer(wire: unknown): Offer {
  return { verb: 'offer', ...offeredFromWire(parseFields(body, wire)) };
}

/** What an offer and its confirmation say, in the order of version 3. The transit store is always the producer's. */
export function offeredToWire(message: OfferedMessage, notifyType: string, consumerId: string) {
  return {
    service: message.service,
    srcStoreAddress: message.source.address.host,
    srcStorePort: message.source.address.port,
    srcStoreName: message.source.storeName,
    transitAddress: message.source.address.host,
    transitPort: message.source.address.port,
    notifyPath: pathToWire(message.path),
    sendersHopCount: message.hopCount,
    redlinkMsgId: message.messageId,
    notifyType,
    redlinkProducerId: message.producerId,
    enforceReversePath: message.reversePath,
    consumerId,
  };
}

export function offeredFromWire(wire: z.output<typeof body>): OfferedMessage {
  return {
    service: wire.service,
    messageId: wire.redlinkMsgId,
    producerId: wire.redlinkProducerId,
    source: {
      storeName: wire.srcStoreName,
      address: { host: wire.srcStoreAddress, port: wire.srcStorePort },
    },
    reversePath: wire.enforceReversePath,
    path: wire.notifyPath,
    hopCount: wire.sendersHopCount,
  };
}

export function encodeOfferAnswer(answer: OfferAnswer, offer: Offer): JsonAnswer {
  if (answer.kind === 'noRoom' && answer.consumerStore === undefined) return noRoute(answer.path);
  const accepted = answer.kind === 'accepted';
  return {
    status: HTTP_OK,
    body: {
      action: `REPLY ${OFFER}`,
      consumerId: accepted ? answer.consumerId : '',
      redlinkMsgId: offer.messageId,
      redlinkProducerId: offer.producerId,
      enm: accepted ? answer.room : FULL_PERCENT,
      notifyPath: pathToWire(answer.path),
      consumerStore: answer.consumerStore,
      status: accepted ? HTTP_OK : HTTP_NOT_FOUND,
    },
  };
}

/**
 * The answer to an offer that cannot be read, or whose handling failed: "not now". Anything but this
 * strands the message at a 3.0.5 store, or stops its process (WIRE 8).
 */
export function refuseOffer(wire: unknown): JsonAnswer {
  const path = isRecord(wire) ? pathField.safeParse(wire['notifyPath']).data : undefined;
  return noRoute(path ?? []);
}

/** The short form of "not now", from a store that knows no way to the service. */
function noRoute(path: OfferAnswer['path']): JsonAnswer {
  return {
    status: HTTP_OK,
    body: {
      action: `REPLY ${OFFER}`,
      consumerId: '',
      enm: FULL_PERCENT,
      notifyPath: pathToWire(path),
      status: HTTP_NOT_FOUND,
    },
  };
}

/** @throws RedlinkError `BAD_REQUEST` where the answer makes no sense */
export function decodeOfferAnswer(wire: unknown): OfferAnswer {
  const answer = parseFields(answerBody, wire);
  const lastStore = answer.notifyPath.at(-1)?.storeName;
  if (answer.consumerId === '' || answer.status === HTTP_NOT_FOUND) {
    return {
      kind: 'noRoom',
      path: answer.notifyPath,
      ...(answer.consumerStore === '' ? {} : { consumerStore: answer.consumerStore }),
    };
  }
  return {
    kind: 'accepted',
    consumerId: answer.consumerId,
    consumerStore: answer.consumerStore || (lastStore ?? ''),
    room: answer.enm,
    path: answer.notifyPath,
  };
}
