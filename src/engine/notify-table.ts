import { GroupIndex } from './group-index.js';
import type { NotifyRow, NotifyState } from './rows.js';
import { newestBySequence } from './newest.js';
import { SequenceQueue } from './sequence-queue.js';
import { Subscribers } from './subscribers.js';
import { Table, type Listing, type TableContext } from './table.js';
import { TableSchema } from './table-schema.js';

const SCHEMA = new TableSchema<NotifyRow>(
  'notify',
  {
    messageId: 'text',
    service: 'text',
    consumerId: 'text',
    producerId: 'text',
    sourceStore: 'text',
    sourceHost: 'text',
    sourcePort: 'text',
    path: 'text',
    sequence: 'number',
    notifiedAt: 'number',
    notifiedEpochMs: 'number',
    reversePath: 'boolean',
    sendOnly: 'boolean',
    token: 'text',
    replyBy: 'number',
    state: ['waiting', 'reading', 'read', 'replying'],
    notifyCount: 'number',
  },
  (row) => row.messageId,
);

/**
 * `notify`: the messages that were assigned to consumers of this store, with a first-in, first-out
 * queue per consumer of those that it has not begun to read.
 */
export class NotifyTable extends Table<NotifyRow> {
  private readonly waitingOf = this.derive(
    new GroupIndex<NotifyRow, SequenceQueue<NotifyRow>>(
      (row) => (row.state === 'waiting' ? row.consumerId : undefined),
      () => new SequenceQueue<NotifyRow>(),
    ),
  );
  private readonly byConsumer = this.derive(
    new GroupIndex<NotifyRow, Set<NotifyRow>>(
      (row) => row.consumerId,
      () => new Set(),
    ),
  );
  private readonly outstandingOf = this.derive(
    new GroupIndex<NotifyRow, Set<NotifyRow>>(
      (row) => (isOutstanding(row) ? row.consumerId : undefined),
      () => new Set(),
    ),
  );
  private readonly subscribers = new Subscribers();

  constructor(context: TableContext) {
    super(context, SCHEMA);
  }

  /** Moves a row on, or back to `waiting` where a read failed: then into its own place again. */
  setState(notify: NotifyRow | string, state: NotifyState): NotifyRow | undefined {
    const row = this.update(notify, (changed) => {
      changed.state = state;
    });
    if (row?.state === 'waiting') this.wake(row.consumerId);
    return row;
  }

  /** The oldest row that a consumer has not begun to read; it stays where it is. */
  firstWaiting(consumerId: string): NotifyRow | undefined {
    this.settle();
    return this.waitingOf.group(consumerId)?.first();
  }

  /** All rows that a consumer has not begun to read, the oldest first. A copy. */
  waiting(consumerId: string): NotifyRow[] {
    this.settle();
    return this.waitingOf.group(consumerId)?.inOrder() ?? [];
  }

  waitingCount(consumerId: string): number {
    this.settle();
    return this.waitingOf.count(consumerId);
  }

  /**
   * How many places of its in-transit limit a consumer has in use: every row of it until the reply
   * is given, but those of sendOnly messages only until they are read (NODES.md, "In-transit limit").
   */
  outstanding(consumerId: string): number {
    this.settle();
    return this.outstandingOf.count(consumerId);
  }

  /** All rows of a consumer. A copy. */
  ofConsumer(consumerId: string): NotifyRow[] {
    this.settle();
    return [...(this.byConsumer.group(consumerId) ?? [])];
  }

  /** Calls `handler` whenever a row waits anew for that consumer, until the function given back is called. */
  onWaiting(consumerId: string, handler: () => void): () => void {
    return this.subscribers.add(consumerId, handler);
  }

  override newest(limit: number): Listing<NotifyRow> {
    return newestBySequence(this.rows(), limit);
  }

  protected override arrived(row: NotifyRow): void {
    if (row.state === 'waiting') this.wake(row.consumerId);
  }

  protected override rebuilt(): void {
    for (const consumerId of this.waitingOf.names()) this.wake(consumerId);
  }

  private wake(consumerId: string): void {
    for (const handler of this.subscribers.of(consumerId)) this.context.dispatcher.post(handler);
  }
}

function isOutstanding(row: NotifyRow): boolean {
  switch (row.state) {
    case 'waiting':
    case 'reading':
      return true;
    case 'read':
      return !row.sendOnly;
    case 'replying':
      return false;
  }
}
