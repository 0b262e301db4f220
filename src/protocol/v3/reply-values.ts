import type { PayloadSource, Restore } from '../payload-source.js';
import { RedlinkError } from '../../support/errors.js';
import { decodeToJson, encodeText } from './codec.js';
import { isRecord } from './json-body.js';
import { hintsFromWire, hintsToWire } from './restore-hints.js';
import { textSource } from './sources.js';

/** `payload` and `cerror` of a reply, which 3.0.5 writes in codec form or, where falsy, as they are (WIRE 6). */

/** The empty text: the one falsy value that 3.0.5 both sends and understands as it is. */
const EMPTY_TEXT = '""';

/** A missing `payload`. */
const UNDEFINED: Restore = { isUndefined: true };

/**
 * The value of the field as JSON text; `undefined` in it means that the field was missing.
 * @throws RedlinkError `BAD_REQUEST` where it is no codec text, or nothing that 3.0.5 could send.
 */
export function payloadFromWire(wire: unknown, restore?: Restore): PayloadSource {
  if (wire === undefined) return textSource('null', UNDEFINED);
  if (wire === '') return textSource(EMPTY_TEXT);
  if (typeof wire === 'string') return textSource(decodeToJson(wire), restore);
  if (typeof wire === 'object' && wire !== null) {
    throw notPlain();
  }
  return textSource(JSON.stringify(wire));
}

/** The consumer's error; a falsy one is none. @throws RedlinkError `BAD_REQUEST` as {@link payloadFromWire} */
export function errorFromWire(wire: unknown, restore?: Restore): PayloadSource | undefined {
  return wire ? payloadFromWire(wire, restore) : undefined;
}

/**
 * JSON text as the field carries it. All but the empty text goes in codec form, the other falsy
 * values too: 3.0.5 understands them so, and breaks on the bare ones (DEFECTS 19).
 */
export function valueToWire(json: string): string {
  return json === EMPTY_TEXT ? '' : encodeText(json);
}

/** The error for a value that is an array or an object. */
export function notPlain(): RedlinkError {
  return new RedlinkError('BAD_REQUEST', 'payload, cerror: neither in codec form nor a plain value');
}

/** What JSON loses of the two values, as new stores add it to a reply. */
export function hintsExtension(payload: Restore | undefined, consumerError: Restore | undefined) {
  const restore = hintsToWire(payload);
  const errorRestore = hintsToWire(consumerError);
  return restore === undefined && errorRestore === undefined ? undefined : { restore, errorRestore };
}

/** The hints for one of the values, from the field `redlink` of a reply. */
export function replyHints(extension: unknown, field: 'payload' | 'cerror'): Restore | undefined {
  if (!isRecord(extension)) return undefined;
  return hintsFromWire(extension[field === 'payload' ? 'restore' : 'errorRestore']);
}
