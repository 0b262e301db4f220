/** What the end of a fetch means for the assignment under which it began. */
import type { NotifyRow } from '../engine/rows.js';
import type { StoreForConsumer } from '../store/contract.js';
import type { ErrorCode } from '../support/errors.js';

/** Whether the consumer was given the message anew while it read it. One that ended with its read has no row any more. */
export function wasReplaced(store: StoreForConsumer, row: NotifyRow): boolean {
  const current = store.assignment(row.messageId, row.consumerId);
  return current !== undefined && current.sequence !== row.sequence;
}

/** Whether the assignment is still there, under which the message was being read. */
export function isStillHeld(
  store: StoreForConsumer,
  { messageId, consumerId, sequence }: NotifyRow,
): boolean {
  return store.assignment(messageId, consumerId)?.sequence === sequence;
}

/** Failures of a fetch that another try cannot mend. */
export function isFinal(code: ErrorCode): boolean {
  return code === 'MESSAGE_TOO_LARGE' || code === 'REFUSED_ADDRESS' || code === 'BAD_REQUEST';
}
