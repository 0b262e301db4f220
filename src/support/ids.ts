import { v7 } from 'uuid';

/** Where new ids come from: of messages, of payload files, of a store's start. Never the same one twice. */
export interface Ids {
  next(): string;
}

/** Real ids: UUID version 7, unique across machines, and in the order in which they were made. */
export const uuidIds: Ids = { next: () => v7() };

/**
 * Ids that are the same in each run, for simulations and tests: `prefix-1`, `prefix-2`, …
 * @param prefix keeps the ids of several givers apart.
 */
export function countingIds(prefix: string): Ids {
  let last = 0;
  return { next: () => `${prefix}-${String(++last)}` };
}
