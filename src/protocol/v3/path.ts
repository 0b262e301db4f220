import { z } from 'zod';
import { MAX_PATH_HOPS } from '../limits.js';
import type { Hop } from '../verbs.js';
import { decodeText, encodeText } from './codec.js';
import { booleanField, boundedArray, hostField, nameField, parseFields, portField } from './fields.js';
import { parseJson } from './json-body.js';

/** A hop as version 3 writes it (WIRE 4). */
interface WireHop {
  readonly store: string;
  readonly address: string;
  readonly port: string;
  readonly enforceReversePath: boolean;
}

const hopField = z
  .object({
    store: nameField,
    address: hostField,
    port: portField,
    // Missing in paths made by hand only; the way back is what a producer takes without a word.
    enforceReversePath: booleanField.optional().default(true),
  })
  .transform((hop): Hop => ({
    storeName: hop.store,
    address: { host: hop.address, port: hop.port },
    reversePath: hop.enforceReversePath,
  }));

/** `notifyPath` and `tempPath` where they travel as JSON. */
export const pathField = boundedArray(MAX_PATH_HOPS).pipe(z.array(hopField));

/** `notifyPath` where it travels in codec form: in reads and replies (WIRE 6). */
export const codecPathField = z.string().min(1);

/** Hops as they travel as JSON. */
export function pathToWire(path: readonly Hop[]): WireHop[] {
  return path.map((hop) => ({
    store: hop.storeName,
    address: hop.address.host,
    port: hop.address.port,
    enforceReversePath: hop.reversePath,
  }));
}

/** Hops in codec form. */
export function pathToCodec(path: readonly Hop[]): string {
  return encodeText(JSON.stringify(pathToWire(path)));
}

/**
 * Hops from codec form.
 * @throws RedlinkError `BAD_REQUEST` where it does not decode to an array of hops.
 */
export function pathFromCodec(codec: string): readonly Hop[] {
  return parseFields(pathField, parseJson(decodeText(codec)));
}
