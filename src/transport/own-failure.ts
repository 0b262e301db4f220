import { describe, RedlinkError } from '../support/errors.js';
import type { Log } from '../support/log.js';

/**
 * What an asker is told of a failure here. An error that is not Redlink's own is a fault in this store, and its
 * text is for the log alone.
 */
export function ownFailure(thrown: unknown, log: Log): RedlinkError {
  if (thrown instanceof RedlinkError) return thrown;
  log.error(`A request could not be answered: ${describe(thrown)}`);
  return new RedlinkError('CLOSED', 'The store failed to answer.', thrown);
}
