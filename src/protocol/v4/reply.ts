import { z } from 'zod';
import { idField, measureField, nameField, parseFields, roomField } from '../v3/fields.js';
import { HOMEWARD_VERB_MS, type VerbCodec } from './codec.js';
import { pathField } from './fields.js';
import { payloadField, payloadToWire } from './payloads.js';

const asked = z.object({
  messageId: idField,
  producerId: idField,
  consumer: z.object({ id: idField, service: nameField, storeName: nameField.optional() }),
  replyDelayMs: measureField,
  room: roomField,
  path: pathField,
  payload: payloadField,
  consumerError: payloadField.optional(),
  token: idField.optional(),
});

const answer = z.object({ kind: z.enum(['received', 'rejected', 'stale']) });

/** A consumer's answer on its way to the producer. A large one is a stream of its own. */
export const reply: VerbCodec<'reply'> = {
  answerWithinMs: HOMEWARD_VERB_MS,
  toWire: (verb) => {
    const payload = payloadToWire(verb.payload);
    if (payload === undefined) return undefined;
    if (verb.consumerError === undefined) return { ...verb, payload };
    const consumerError = payloadToWire(verb.consumerError);
    return consumerError === undefined ? undefined : { ...verb, payload, consumerError };
  },
  fromWire: (wire) => {
    const { consumer, consumerError, token, ...fields } = parseFields(asked, wire);
    const { id, service, storeName } = consumer;
    return { verb: 'reply', ...fields, consumer: { id, service, storeName }, consumerError, token };
  },
  answerToWire: (given) => given,
  answerFromWire: (wire) => parseFields(answer, wire),
};
