import type { NotifyRow } from '../engine/rows.js';
import type { LostMessage } from '../protocol/verbs.js';

/** Whether the message is leased to this store. One of its own needs no lease: it knows of its consumers by itself. */
export function isLeased(row: NotifyRow, storeName: string): boolean {
  return row.token !== '' && row.sourceStore !== storeName;
}

/** What is told of a message that has gone with its consumer. */
export function lostMessage({ messageId, token, state }: NotifyRow): LostMessage {
  return { messageId, token, read: state === 'read' };
}

/** Messages that came the same way go back it together. */
export function byWay(rows: readonly NotifyRow[]): ReadonlyMap<string, readonly NotifyRow[]> {
  const ways = new Map<string, NotifyRow[]>();
  for (const row of rows) {
    const same = ways.get(row.path);
    if (same === undefined) ways.set(row.path, [row]);
    else same.push(row);
  }
  return ways;
}
