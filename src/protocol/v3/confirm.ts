import { z } from 'zod';
import type { Capabilities, Confirm, ConfirmAnswer } from '../verbs.js';
import type { WireRequest } from '../wire.js';
import { FULL_PERCENT } from '../limits.js';
import { idField, nameField, parseFields, roomField, statusField } from './fields.js';
import { isRecord } from './json-body.js';
import { offeredFields, offeredFromWire, offeredToWire } from './offer.js';
import { pathField, pathToWire } from './path.js';
import { jsonRequest, NOTIFY_PATH } from './registration.js';
import type { JsonAnswer } from './registration.js';

/** `confirmNotification`: the message is assigned to the consumer that the offer's answer named (WIRE 5). */

export const CONFIRMATION = 'confirmNotification';

const HTTP_OK = 200;
const HTTP_NOT_FOUND = 404;

const body = z.object({ ...offeredFields, consumerId: idField, tempPath: pathField });

const deadlineField = z.object({ deadlineInMs: z.number().nullable() });

const answerBody = z.object({
  consumerId: z.union([z.literal(''), idField]).optional(),
  enm: roomField,
  service: nameField.optional(),
  storeName: z.union([z.literal(''), nameField]).optional(),
  status: statusField,
});

/** @param peer what the receiver is known to speak: only a new store is told how long the producer waits. */
export function encodeConfirm(verb: Confirm, peer: Capabilities | undefined): WireRequest {
  const told = peer !== undefined && verb.deadlineInMs !== undefined;
  return jsonRequest(NOTIFY_PATH, {
    ...offeredToWire(verb, CONFIRMATION, verb.consumerId),
    tempPath: pathToWire(verb.remaining),
    ...(told ? { redlink: { deadlineInMs: verb.deadlineInMs === Infinity ? null : verb.deadlineInMs } } : {}),
  });
}

/** How long the producer waits, as a new store says it; `null`: for ever, which JSON has no number for. */
function deadlineFromWire(wire: unknown): number | undefined {
  const said = isRecord(wire) ? deadlineField.safeParse(wire['redlink']).data : undefined;
  return said?.deadlineInMs === null ? Infinity : said?.deadlineInMs;
}

/** @throws RedlinkError `BAD_REQUEST` */
export function decodeConfirm(wire: unknown): Confirm {
  const fields = parseFields(body, wire);
  return {
    verb: 'confirm',
    ...offeredFromWire(fields),
    consumerId: fields.consumerId,
    deadlineInMs: deadlineFromWire(wire),
    token: undefined,
    remaining: fields.tempPath,
  };
}

/** `enm` is the text of a whole number here: 3.0.5 takes no other. */
export function encodeConfirmAnswer(answer: ConfirmAnswer, confirm: Confirm): JsonAnswer {
  if (answer.kind === 'refused') {
    return refusal(answer.consumerId, answer.service, confirm.path.at(-1)?.storeName ?? '');
  }
  return {
    status: HTTP_OK,
    body: {
      action: `${CONFIRMATION} :Inserted Notify `,
      consumerId: answer.consumerId,
      enm: String(Math.round(answer.room)),
      service: answer.service,
      storeName: answer.consumerStore,
      status: HTTP_OK,
    },
  };
}

/** The answer to a confirmation that cannot be read, or whose handling failed. */
export function refuseConfirm(wire: unknown): JsonAnswer {
  const fields = isRecord(wire) ? wire : {};
  return refusal(
    idField.safeParse(fields['consumerId']).data ?? '',
    nameField.safeParse(fields['service']).data ?? '',
    pathField.safeParse(fields['notifyPath']).data?.at(-1)?.storeName ?? '',
  );
}

function refusal(consumerId: string, service: string, storeName: string): JsonAnswer {
  return {
    status: HTTP_OK,
    body: {
      action: CONFIRMATION,
      consumerId,
      enm: String(FULL_PERCENT),
      service,
      storeName,
      status: HTTP_NOT_FOUND,
      notifyPath: [],
    },
  };
}

/** @throws RedlinkError `BAD_REQUEST` where the answer makes no sense */
export function decodeConfirmAnswer(wire: unknown, confirm: Confirm): ConfirmAnswer {
  const answer = parseFields(answerBody, wire);
  const service = answer.service ?? confirm.service;
  const consumerId = answer.consumerId || confirm.consumerId;
  if (answer.status !== HTTP_OK) return { kind: 'refused', consumerId, service };
  return {
    kind: 'confirmed',
    consumerId,
    consumerStore: answer.storeName || (confirm.path.at(-1)?.storeName ?? ''),
    service,
    room: answer.enm,
    leased: false,
  };
}
