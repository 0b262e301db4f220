import type { Engine } from '../engine/engine.js';
import type { MessageRow } from '../engine/rows.js';
import type { JournalRecord, RecordKind } from '../journal/port.js';
import type { Clock } from '../support/clock.js';
import { Handover, isWorthKeeping } from './handover.js';
import { encodeKeptReply } from './records/kept-reply-record.js';
import { encodeMark, type Mark, readMark } from './records/mark-record.js';
import { encodeMessage } from './records/message-record.js';
import { encodeReplyRow } from './records/reply-record.js';
import type { Leases } from './leases.js';
import type { Outbox } from './outbox.js';
import type { ReplyCourier } from './reply-courier.js';
import type { StoreJournal } from './store-journal.js';

/** The parts of a closing store that hold something. */
export interface Estate {
  readonly engine: Engine;
  readonly outbox: Outbox;
  readonly courier: ReplyCourier;
  readonly journal: StoreJournal;
}

/** What a closing store leaves to its next life. What is in the journal need not be handed over. */
export function collectHandover(estate: Estate, clock: Clock): Handover {
  const notifies = estate.engine.notifies
    .rows()
    .filter(isWorthKeeping)
    .map((row) => ({ ...row }));
  return estate.journal.keepsNothing
    ? new Handover(notifies, recordsOf(estate, clock))
    : new Handover(notifies);
}

function recordsOf(estate: Estate, clock: Clock): ReadonlyMap<RecordKind, readonly JournalRecord[]> {
  const { engine, outbox, courier } = estate;
  const messages = engine.messages.rows();
  return new Map<RecordKind, readonly JournalRecord[]>([
    ['message', messages.map((row) => ({ id: row.id, value: encodeMessage(row) }))],
    ['mark', messages.flatMap((row) => markRecord(row, outbox))],
    ['reply', engine.replies.rows().map((row) => ({ id: row.messageId, value: encodeReplyRow(row) }))],
    [
      'keptReply',
      courier.underWay().map((reply) => ({ id: reply.row.messageId, value: encodeKeptReply(reply, clock) })),
    ],
  ]);
}

function markRecord(row: MessageRow, outbox: Outbox): JournalRecord[] {
  const mark = markOf(row, outbox.leases, outbox);
  return mark === undefined ? [] : [{ id: row.id, value: encodeMark(mark) }];
}

function markOf(row: MessageRow, leases: Leases, outbox: Outbox): Mark | undefined {
  switch (row.state) {
    case 'queued':
    case 'offering':
    case 'assigned':
      return row.deliveryCount === 0 ? undefined : { state: 'queued', deliveryCount: row.deliveryCount };
    case 'read':
    case 'replied':
      return readMark(row, leases.has(row.id));
    case 'failed': {
      const failing = outbox.failures.failingOf(row.id);
      return failing === undefined ? undefined : { state: 'failed', ...failing, consumerId: row.consumerId };
    }
  }
}
