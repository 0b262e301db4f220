import { z } from 'zod';
import { parseFields } from '../v3/fields.js';
import { SMALL_VERB_MS, type VerbCodec } from './codec.js';
import { addressField } from './fields.js';

const asked = z.object({ by: addressField });
const answer = z.object({ kind: z.literal('coming') });

/** A north has lost its south: will it announce itself again? */
export const recall: VerbCodec<'recall'> = {
  answerWithinMs: SMALL_VERB_MS,
  toWire: (verb) => verb,
  fromWire: (wire) => ({ verb: 'recall', ...parseFields(asked, wire) }),
  answerToWire: (given) => given,
  answerFromWire: (wire) => parseFields(answer, wire),
};
