import { z } from 'zod';
import { idField, parseFields } from '../v3/fields.js';
import { SMALL_VERB_MS, type VerbCodec } from './codec.js';

const answer = z.object({ kind: z.literal('alive'), bootId: idField });

/** Is the store itself at work? Answered at once, whatever else it waits for. */
export const probe: VerbCodec<'probe'> = {
  answerWithinMs: SMALL_VERB_MS,
  toWire: (verb) => verb,
  fromWire: () => ({ verb: 'probe' }),
  answerToWire: (given) => given,
  answerFromWire: (wire) => parseFields(answer, wire),
};
