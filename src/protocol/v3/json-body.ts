import { MAX_BODY_BYTES, MAX_JSON_ARRAYS, MAX_JSON_DEPTH, MAX_JSON_FIELDS } from '../limits.js';
import { RedlinkError } from '../../support/errors.js';
import { exceeds, isNestedDeeperThan } from '../../support/json-depth.js';

/**
 * Bodies of JSON from the network: read within a limit, and parsed only when they cannot hurt.
 */

const BODY_BOUNDS = { depth: MAX_JSON_DEPTH, arrays: MAX_JSON_ARRAYS, fields: MAX_JSON_FIELDS };

/** What a body says of itself. */
interface Announced {
  /** `content-length` of the request, where it has one. */
  readonly contentLength?: string | undefined;
  /** Most bytes that are read. */
  readonly limit?: number;
}

/**
 * The whole body as text. At the limit it leaves the body: the rest is the transport's to deal with.
 * @throws RedlinkError `BODY_TOO_LARGE`, `BAD_REQUEST` where it is not UTF-8.
 */
export async function readText(body: AsyncIterable<Uint8Array>, announced: Announced = {}): Promise<string> {
  const limit = announced.limit ?? MAX_BODY_BYTES;
  if (Number(announced.contentLength ?? 0) > limit) throw bodyTooLarge(limit);
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > limit) throw bodyTooLarge(limit);
    parts.push(chunk);
  }
  return utf8Text(parts);
}

/** The error for a body over its limit. */
export function bodyTooLarge(limit: number): RedlinkError {
  return new RedlinkError('BODY_TOO_LARGE', `The body has more than ${limit} bytes.`);
}

/**
 * The bytes as text.
 * @throws RedlinkError `BAD_REQUEST` where they are not UTF-8.
 */
export function utf8Text(parts: readonly Uint8Array[]): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts));
  } catch (thrown) {
    throw new RedlinkError('BAD_REQUEST', 'The body is not UTF-8.', thrown);
  }
}

/**
 * The value of a JSON text from the network.
 * @throws RedlinkError `BAD_REQUEST` where it is not JSON, nested deeper than any body of a peer, or of more parts.
 */
export function parseJson(text: string): unknown {
  if (exceeds(text, BODY_BOUNDS)) {
    throw isNestedDeeperThan(text, MAX_JSON_DEPTH) ? tooDeep() : tooManyParts();
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (thrown) {
    throw new RedlinkError('BAD_REQUEST', 'The body is not JSON.', thrown);
  }
}

/** The error for JSON that is nested too deep. */
export function tooDeep(): RedlinkError {
  return new RedlinkError('BAD_REQUEST', `The body is nested deeper than ${MAX_JSON_DEPTH} levels.`);
}

function tooManyParts(): RedlinkError {
  return new RedlinkError('BAD_REQUEST', 'The body has more parts than any that a store sends.');
}

/** Whether a value is an object with fields. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
