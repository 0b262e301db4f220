import type { MessageRow } from '../engine/rows.js';
import type { Clock } from '../support/clock.js';
import type { NewMessage } from './contract.js';

/** Where the text of a message is: in the row or in a file. */
export type KeptBody = Pick<MessageRow, 'text' | 'payloadName' | 'byteLength'>;

/** The row of a message that is being accepted. */
export function newMessageRow(
  message: NewMessage,
  body: KeptBody,
  clock: Clock,
  sequence: number,
): MessageRow {
  const now = clock.now();
  return {
    id: message.id,
    service: message.service,
    producerId: message.producerId,
    priority: message.priority,
    sequence,
    sendOnly: message.sendOnly,
    reversePath: message.reversePath,
    acceptedEpochMs: clock.wall(),
    acceptedAt: now,
    deadlineAt: now + message.lifetimeMs,
    text: body.text,
    restore: message.body.restore,
    payloadName: body.payloadName,
    byteLength: body.byteLength,
    preserved: message.preserved?.text ?? '',
    preservedRestore: message.preserved?.restore ?? '',
    correlationId: message.correlationId,
    notifyIntervalMs: message.notifyIntervalMs,
    redeliver: message.redeliver,
    maxDeliver: message.maxDeliver,
    state: 'queued',
    consumerId: '',
    consumerStore: '',
    via: '',
    notifiedEpochMs: 0,
    deliveryCount: 0,
    token: '',
  };
}
