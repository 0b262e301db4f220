import { z } from 'zod';
import { idField, nameField, parseFields, roomField } from '../v3/fields.js';
import { SMALL_VERB_MS, type VerbCodec } from './codec.js';
import { offeredFields, pathField } from './fields.js';

const asked = z.object(offeredFields);

const answer = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('accepted'),
    consumerId: idField,
    consumerStore: nameField,
    room: roomField,
    path: pathField,
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
  toWire: (verb) => verb,
  fromWire: (wire) => ({ verb: 'offer', ...parseFields(asked, wire) }),
  answerToWire: (given) => given,
  answerFromWire: (wire) => parseFields(answer, wire),
  // "Not now": what went wrong here says nothing about the way to this store.
  refuse: (verb) => ({ kind: 'noRoom', path: verb.path }),
};
