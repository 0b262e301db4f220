import { pack, packText } from '../payload/pack.js';
import type { NotifyRow } from '../engine/rows.js';
import type { StoreForConsumer } from '../store/contract.js';
import { RedlinkError } from '../support/errors.js';

/** What the flow set as the error of a message (`msg.cerror`). */
export interface ReplyError {
  readonly value: unknown;
}

/** What the flow answers a message with. */
export interface ReplyRequest {
  readonly messageId: string;
  readonly payload: unknown;
  readonly error: ReplyError | undefined;
}

/**
 * Hands a reply to the store; fulfilled when it is kept or delivered.
 * @returns why it was refused, or undefined.
 * @throws RedlinkError `NOT_SERIALISABLE`, `PAYLOAD_IO`
 */
export async function sendReply(
  store: StoreForConsumer,
  consumerId: string,
  { messageId, payload, error }: ReplyRequest,
): Promise<RedlinkError | undefined> {
  const row = store.assignment(messageId, consumerId);
  if (row === undefined) return refusalOfUnknown(store, messageId);
  const refusal = refusalOf(row);
  if (refusal !== undefined) return refusal;
  await store.reply(row, pack(payload), error === undefined ? undefined : packText(error.value));
  return undefined;
}

function refusalOf(row: NotifyRow): RedlinkError | undefined {
  switch (row.state) {
    case 'waiting':
    case 'reading':
      return new RedlinkError('NOT_READ_YET', `Message ${row.messageId} was not read yet`);
    case 'replying':
      return secondReply(row.messageId);
    case 'read':
      return row.sendOnly ? sendOnly() : undefined;
  }
}

function refusalOfUnknown(store: StoreForConsumer, messageId: string): RedlinkError {
  switch (store.endOf(messageId)) {
    case 'sendOnly':
      return sendOnly();
    case 'replied':
      return secondReply(messageId);
    case 'expired':
      return new RedlinkError('REPLY_EXPIRED', `Nobody waits for a reply to message ${messageId} any more`);
    case undefined:
      return new RedlinkError('NOT_ASSIGNED', `Message ${messageId} was not given to this consumer`);
  }
}

function sendOnly(): RedlinkError {
  return new RedlinkError('SEND_ONLY', 'Attempt to reply to a sendOnly message');
}

function secondReply(messageId: string): RedlinkError {
  return new RedlinkError('SECOND_REPLY', `Message ${messageId} was replied already`);
}
