import { z } from 'zod';
import { idField, measureField, nameField, parseFields, roomField } from '../v3/fields.js';
import { HOMEWARD_VERB_MS, type VerbCodec } from './codec.js';
import { pathField } from './fields.js';

const asked = z.object({
  messageId: idField,
  producerId: idField,
  consumer: z.object({ id: idField, service: nameField, storeName: nameField }),
  token: idField,
  readDelayMs: measureField,
  room: roomField,
  path: pathField,
});

const answer = z.object({ kind: z.enum(['taken', 'stale']) });

/** The consumer's store has the whole message; its flow gets it as soon as this is answered. */
export const taken: VerbCodec<'taken'> = {
  answerWithinMs: HOMEWARD_VERB_MS,
  toWire: (verb) => verb,
  fromWire: (wire) => ({ verb: 'taken', ...parseFields(asked, wire) }),
  answerToWire: (given) => given,
  answerFromWire: (wire) => parseFields(answer, wire),
};
