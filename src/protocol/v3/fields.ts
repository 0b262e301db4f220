import { z } from 'zod';
import {
  FULL_PERCENT,
  MAX_EPOCH_S,
  MAX_HOP_COUNT,
  MAX_HOST_CHARS,
  MAX_ID_CHARS,
  MAX_NAME_CHARS,
  MAX_PORT,
  MAX_ROOM_PERCENT,
} from '../limits.js';
import { RedlinkError } from '../../support/errors.js';

/**
 * The fields that bodies of version 3 are made of: what 3.0.5 may write in each, in all its
 * spellings, and the one form that the core knows. Whatever does not fit is refused before use.
 */

/** Control characters and halves of surrogate pairs: nothing that belongs into a name or an id. */
const UNPRINTABLE = /[\p{Cc}\p{Surrogate}]/u;
/** A host name, or an IPv4 address. */
const HOST_NAME = /^[\p{L}\p{N}_]([\p{L}\p{N}._-]*[\p{L}\p{N}_.])?$/u;
/** An IPv6 address, in brackets or without, as far as its characters tell. */
const IPV6 = /^(\[[0-9a-f:.]+\]|[0-9a-f:.]+)$/i;
/** A port as text: no sign, no leading zero, no fraction. */
const PORT_TEXT = /^[1-9]\d{0,4}$/;
/** Longest text that stands for a number: `-1.7976931348623157e+308` and room to spare. */
const MAX_NUMBER_CHARS = 32;

/** Text of a length that may be looked at further: what is too long is not, however long that would take. */
function shortText(mostChars: number) {
  return z.string().min(1).max(mostChars, { abort: true });
}

/** Name of a service or a store. */
export const nameField = shortText(MAX_NAME_CHARS).refine(
  (text) => !UNPRINTABLE.test(text),
  'has control characters',
);

/** Id of a message or a node. */
export const idField = shortText(MAX_ID_CHARS).refine(
  (text) => !UNPRINTABLE.test(text),
  'has control characters',
);

/** A host, and nothing else of a URL: no user, no port, no path (SECURITY.md). */
export const hostField = shortText(MAX_HOST_CHARS).refine(
  (text) => HOST_NAME.test(text) || isLikeIpv6(text),
  'is no host',
);

/** No pattern for both: one that looks for a colon among colons tries every one of them, again and again. */
function isLikeIpv6(text: string): boolean {
  return text.includes(':') && IPV6.test(text);
}

/** A port, as text or number; always text for the core. */
export const portField = z
  .union([z.string().max(MAX_NUMBER_CHARS), z.number()])
  .transform(String)
  .refine((text) => PORT_TEXT.test(text) && Number(text) <= MAX_PORT, `is no port from 1 to ${MAX_PORT}`);

/** A boolean, also as text. */
export const booleanField = z
  .union([z.boolean(), z.literal('true'), z.literal('false')])
  .transform((value) => value === true || value === 'true');

/** What the bytes of a payload are between new stores. */
export const encodingField = z.enum(['utf8', 'parts']).default('utf8');

/** Bytes of a payload that follows; absent where its sender does not know yet. */
export const byteLengthField = z.number().int().min(0).optional();

/** A number, also as text or, where JavaScript had none to write (NaN, Infinity), `null`. */
const numeric = z
  .union([z.number(), z.string().max(MAX_NUMBER_CHARS), z.null()])
  .transform((value) => (value === null ? Number.NaN : Number(value)));

/** `enm`: percent of room taken. Missing: nothing counted yet; not a number: a limit of 0, so no room. */
export const roomField = numeric
  .optional()
  .transform((value) => (value === undefined ? 0 : within(value, MAX_ROOM_PERCENT, FULL_PERCENT)));

/** Milliseconds, or another measure, of which a wrong or missing one says no more than 0. */
export const measureField = numeric
  .optional()
  .transform((value) => within(value ?? 0, Number.MAX_SAFE_INTEGER, 0));

/** `hopCount` and `sendersHopCount`. */
export const hopCountField = numeric.pipe(z.number().int().min(0).max(MAX_HOP_COUNT));

/** `ttl`: epoch seconds. */
export const epochSecondsField = numeric.pipe(z.number().min(0).max(MAX_EPOCH_S));

/** HTTP-like `status` inside a body. */
export const statusField = numeric.optional();

function within(value: number, most: number, otherwise: number): number {
  return Number.isFinite(value) ? Math.min(Math.max(0, value), most) : otherwise;
}

/** An array of at most `most` things; longer ones are refused before any of them is looked at. */
export function boundedArray(most: number) {
  return z.custom<unknown[]>(
    (value) => Array.isArray(value) && value.length <= most,
    `is no array of at most ${most}`,
  );
}

/**
 * The value as the schema has it.
 * @throws RedlinkError `BAD_REQUEST` that names the first bad field, never its value.
 */
export function parseFields<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.map(String).join('.').slice(0, MAX_NAME_CHARS);
  throw new RedlinkError('BAD_REQUEST', `${field || 'the body'}: ${issue?.message ?? 'not valid'}`);
}
