import { z } from 'zod';
import { MAX_RENEWED_MESSAGES } from '../limits.js';
import { boundedArray, idField, nameField, parseFields } from '../v3/fields.js';
import { SMALL_VERB_MS, type VerbCodec } from './codec.js';
import { pathField } from './fields.js';

const asked = z.object({
  consumerStore: nameField,
  held: boundedArray(MAX_RENEWED_MESSAGES).pipe(z.array(z.object({ messageId: idField, token: idField }))),
  lost: boundedArray(MAX_RENEWED_MESSAGES)
    .pipe(z.array(z.object({ messageId: idField, token: idField, read: z.boolean() })))
    .default([]),
  path: pathField,
});

const answer = z.object({
  kind: z.literal('renewed'),
  stale: boundedArray(MAX_RENEWED_MESSAGES).pipe(z.array(idField)),
});

/** A consumer's store still has these messages: their leases go on. Others it has lost. */
export const renew: VerbCodec<'renew'> = {
  answerWithinMs: SMALL_VERB_MS,
  toWire: (verb) => verb,
  fromWire: (wire) => ({ verb: 'renew', ...parseFields(asked, wire) }),
  answerToWire: (given) => given,
  answerFromWire: (wire) => parseFields(answer, wire),
};
