import { z } from 'zod';
import { FULL_PERCENT } from '../limits.js';
import { nameField, parseFields } from '../v3/fields.js';
import { SMALL_VERB_MS, type VerbCodec } from './codec.js';
import { addressField } from './fields.js';

/** Most places that one word may speak of: a consumer's in-transit limit and far beyond. */
const MAX_PLACES = 1_000_000;

const asked = z.object({
  service: nameField,
  places: z.number().int().min(1).max(MAX_PLACES),
  room: z.number().min(0).max(FULL_PERCENT),
  via: addressField,
});

const answer = z.object({
  kind: z.literal('invited'),
  coming: z.number().int().min(0).max(MAX_PLACES),
  more: z.boolean(),
});

/** There is room again for those who were refused. */
export const vacancy: VerbCodec<'vacancy'> = {
  answerWithinMs: SMALL_VERB_MS,
  toWire: (verb) => ({ ...verb, places: Math.min(verb.places, MAX_PLACES) }),
  fromWire: (wire) => ({ verb: 'vacancy', ...parseFields(asked, wire) }),
  answerToWire: (given) => given,
  answerFromWire: (wire) => parseFields(answer, wire),
  // The place goes to the next who waits.
  refuse: () => ({ kind: 'invited', coming: 0, more: false }),
};
