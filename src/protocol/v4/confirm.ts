import { z } from 'zod';
import { idField, nameField, parseFields, roomField } from '../v3/fields.js';
import { SMALL_VERB_MS, type VerbCodec } from './codec.js';
import { deadlineField, deadlineToWire, offeredFields, pathField } from './fields.js';

const asked = z.object({
  ...offeredFields,
  consumerId: idField,
  remaining: pathField,
  deadlineInMs: deadlineField,
  token: idField.optional(),
});

const answer = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('confirmed'),
    consumerId: idField,
    consumerStore: nameField,
    service: nameField,
    room: roomField,
    leased: z.boolean(),
  }),
  z.object({ kind: z.literal('refused'), consumerId: idField, service: nameField }),
]);

/** The message is assigned to the consumer that the offer's answer named. */
export const confirm: VerbCodec<'confirm'> = {
  answerWithinMs: SMALL_VERB_MS,
  toWire: (verb) => ({ ...verb, deadlineInMs: deadlineToWire(verb.deadlineInMs) }),
  fromWire: (wire) => {
    const { deadlineInMs, token, ...fields } = parseFields(asked, wire);
    return { verb: 'confirm', ...fields, deadlineInMs, token };
  },
  answerToWire: (given) => given,
  answerFromWire: (wire) => parseFields(answer, wire),
  refuse: ({ consumerId, service }) => ({ kind: 'refused', consumerId, service }),
};
