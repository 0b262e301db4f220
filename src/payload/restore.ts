import { z } from 'zod';
import type { Restore } from '../protocol/payload-source.js';
import { RedlinkError } from '../support/errors.js';

const paths = z.array(z.array(z.union([z.string(), z.number()])));
const restoreSchema = z.object({
  isUndefined: z.literal(true).exactOptional(),
  buffers: paths.exactOptional(),
  dates: paths.exactOptional(),
});

/** A `Restore` as the text that a column of a table holds: JSON, empty for nothing. */
export function encodeRestore(restore: Restore | undefined): string {
  return restore === undefined ? '' : JSON.stringify(restore);
}

/**
 * The `Restore` that {@link encodeRestore} wrote.
 * @throws RedlinkError `BAD_REQUEST` where the text is not one: tables can be written by others too.
 */
export function parseRestore(text: string): Restore | undefined {
  if (text === '') return undefined;
  try {
    return restoreSchema.parse(JSON.parse(text));
  } catch (thrown) {
    throw new RedlinkError('BAD_REQUEST', 'What restores a payload cannot be read', thrown);
  }
}
