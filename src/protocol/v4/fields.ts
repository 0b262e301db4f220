import { z } from 'zod';
import { MAX_PATH_HOPS } from '../limits.js';
import { boundedArray, hopCountField, hostField, idField, nameField, portField } from '../v3/fields.js';

/** Fields that several verbs share. Between new stores they are called and shaped as in `verbs.ts`. */

export const addressField = z.object({ host: hostField, port: portField });

/** A sender's count of what it says. */
export const turnField = z.object({
  bootId: idField,
  counter: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
});

/** The way of a notify. */
export const pathField = boundedArray(MAX_PATH_HOPS).pipe(
  z.array(z.object({ storeName: nameField, address: addressField, reversePath: z.boolean() })),
);

/** What offers and confirmations say of the message. */
export const offeredFields = {
  service: nameField,
  messageId: idField,
  producerId: idField,
  source: z.object({ storeName: nameField, address: addressField }),
  reversePath: z.boolean(),
  path: pathField,
  hopCount: hopCountField,
};

/** Milliseconds until the producer gives up; `null` on the wire: never, which JSON has no number for. */
export const deadlineField = z
  .number()
  .nullable()
  .transform((ms) => ms ?? Infinity)
  .optional();

/** The counterpart of {@link deadlineField}. */
export function deadlineToWire(ms: number | undefined): number | null | undefined {
  return ms === Infinity ? null : ms;
}
