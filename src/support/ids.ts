import { v4, v7 } from 'uuid';

/** Where new ids come from: of messages, of payload files, of a store's start. Never the same one twice. */
export interface Ids {
  next(): string;
  /** One that nobody can guess, and that says nothing of when it was made. */
  secret(): string;
}

/** Real ids: UUID version 7, unique across machines, and in the order in which they were made; as a secret version 4. */
export const uuidIds: Ids = { next: () => v7(), secret: () => v4() };

/**
 * Ids that are the same in each run, for simulations and tests: `prefix-1`, `prefix-2`, …
 * @param prefix keeps the ids of several givers apart.
 */
export function countingIds(prefix: string): Ids {
  let last = 0;
  const next = (): string => `${prefix}-${String(++last)}`;
  return { next, secret: next };
}
