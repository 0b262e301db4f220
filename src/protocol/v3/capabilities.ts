import { z } from 'zod';
import type { Capabilities } from '../verbs.js';
import { idField, nameField } from './fields.js';
import { isRecord } from './json-body.js';

/** The protocol version of this release, said to peers in announcements and their answers. */
export const PROTOCOL_VERSION = 4;
/** Highest version that is believed; what follows version 4 will count in ones. */
const MAX_VERSION = 1_000;

const capabilitiesField = z.object({
  version: z.number().int().min(PROTOCOL_VERSION).max(MAX_VERSION),
  bootId: idField,
  storeName: nameField,
});

/**
 * What the sender of a body says of itself in the field `redlink`. A 3.0.5 store says nothing, and
 * what cannot be understood counts as nothing: version 3 is always spoken.
 */
export function capabilitiesOf(body: unknown): Capabilities | undefined {
  return isRecord(body) ? capabilitiesField.safeParse(body['redlink']).data : undefined;
}
