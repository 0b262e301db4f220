import { z } from 'zod';
import type { EnclosedMessage, OfferTerms } from '../verbs.js';
import { idField, nameField, parseFields, roomField } from '../v3/fields.js';
import { messageFromWire, messageToWire } from '../v3/message-line.js';
import { SMALL_VERB_MS, type VerbCodec } from './codec.js';
import { deadlineField, deadlineToWire, offeredFields, pathField, turnField } from './fields.js';
import { payloadField, payloadToWire } from './payloads.js';

const terms = z
  .object({
    token: idField,
    deadlineInMs: deadlineField,
    turn: turnField.optional(),
    message: z
      .object({ meta: z.unknown().transform((wire) => messageFromWire(wire).meta), payload: payloadField })
      .transform(({ meta, payload }): EnclosedMessage => ({ meta, body: payload }))
      .optional(),
    asStream: z.boolean().optional(),
  })
  .transform(({ deadlineInMs = Infinity, message, ...fields }): OfferTerms => ({
    ...fields,
    deadlineInMs,
    message,
  }));

const asked = z.object({ ...offeredFields, terms: terms.optional() });

const answer = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('accepted'),
    consumerId: idField,
    consumerStore: nameField,
    room: roomField,
    path: pathField,
    assigned: z.boolean().exactOptional(),
  }),
  z.object({
    kind: z.literal('noRoom'),
    path: pathField,
    consumerStore: nameField.exactOptional(),
    willInvite: z.boolean().exactOptional(),
  }),
]);

/** Is there a consumer with room? */
export const offer: VerbCodec<'offer'> = {
  answerWithinMs: SMALL_VERB_MS,
  toWire: (verb) => (verb.terms === undefined ? verb : { ...verb, terms: termsToWire(verb.terms) }),
  fromWire: (wire) => ({ verb: 'offer', ...parseFields(asked, wire) }),
  answerToWire: (given) => given,
  answerFromWire: (wire) => parseFields(answer, wire),
  // "Not now": what went wrong here says nothing about the way to this store.
  refuse: (verb) => ({ kind: 'noRoom', path: verb.path }),
};

/** A message that does not fit into a batch is left out: its consumer reads it. */
function termsToWire({ token, deadlineInMs, turn, message, asStream }: OfferTerms): object {
  const payload = message === undefined ? undefined : payloadToWire(message.body);
  const enclosed =
    message === undefined || payload === undefined
      ? undefined
      : { meta: messageToWire(message.meta, undefined), payload };
  return { token, deadlineInMs: deadlineToWire(deadlineInMs), turn, message: enclosed, asStream };
}
