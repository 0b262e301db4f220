import { z } from 'zod';
import { MAX_PATH_HOPS } from '../limits.js';
import {
  boundedArray,
  epochSecondsField,
  hopCountField,
  idField,
  measureField,
  nameField,
  parseFields,
  roomField,
} from '../v3/fields.js';
import { SMALL_VERB_MS, type VerbCodec } from './codec.js';
import { addressField, turnField } from './fields.js';

/** Stores that news may have passed: those of the longest path, and the one that holds the consumer. */
const MAX_STORES_PASSED = MAX_PATH_HOPS + 1;

const load = z.object({ room: roomField, readMs: measureField, replyMs: measureField });

const stamp = z.object({
  bootId: z.union([z.literal(''), idField]),
  counter: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  path: boundedArray(MAX_STORES_PASSED).pipe(z.array(nameField)),
});

const asked = z.object({
  heading: z.enum(['local', 'north', 'south', 'resync']),
  service: nameField,
  consumerId: idField,
  origin: z.object({ storeName: nameField, address: addressField }),
  passedOnBy: nameField,
  via: addressField,
  hopCount: hopCountField,
  expiresEpochS: epochSecondsField,
  load: load.optional(),
  stamp: stamp.optional(),
  turn: turnField.optional(),
});

const answer = z.object({ kind: z.enum(['acknowledged', 'unknownPeer']) });

/** A consumer offers a service, or no longer does. */
export const advertise: VerbCodec<'advertise'> = {
  answerWithinMs: SMALL_VERB_MS,
  toWire: (verb) => verb,
  fromWire: (wire) => {
    const { load: known, stamp: stamped, ...fields } = parseFields(asked, wire);
    return { verb: 'advertise', ...fields, load: known, stamp: stamped };
  },
  answerToWire: (given) => given,
  answerFromWire: (wire) => parseFields(answer, wire),
};
