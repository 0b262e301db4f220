import { ByteSum } from './byte-sum.js';
import { GroupIndex } from './group-index.js';
import type { ReplyRow } from './rows.js';
import { newestBySequence } from './newest.js';
import { SequenceQueue } from './sequence-queue.js';
import { Subscribers } from './subscribers.js';
import { Table, type Listing, type TableContext } from './table.js';
import { TableSchema } from './table-schema.js';

const SCHEMA = new TableSchema<ReplyRow>(
  'replyMessages',
  {
    messageId: 'text',
    producerId: 'text',
    sequence: 'number',
    text: 'text',
    restore: 'text',
    payloadName: 'text',
    byteLength: 'number',
    hasError: 'boolean',
    errorText: 'text',
    errorRestore: 'text',
    mayRepeat: 'boolean',
    read: 'boolean',
  },
  (row) => row.messageId,
);

/**
 * `replyMessages`: replies that wait for their producers, with a first-in, first-out queue per
 * producer of those that it has not taken yet.
 */
export class ReplyTable extends Table<ReplyRow> {
  private readonly waitingOf = this.derive(
    new GroupIndex<ReplyRow, SequenceQueue<ReplyRow>>(
      (row) => (row.read ? undefined : row.producerId),
      () => new SequenceQueue<ReplyRow>(),
    ),
  );
  private readonly byteSum = this.derive(new ByteSum());
  private readonly subscribers = new Subscribers();

  constructor(context: TableContext) {
    super(context, SCHEMA);
  }

  /** Size of all replies, payloads on disk included, bytes. */
  get bytes(): number {
    this.settle();
    return this.byteSum.bytes;
  }

  /** Notes that the producer has taken a reply. Undefined: it is gone. */
  markRead(reply: ReplyRow | string): ReplyRow | undefined {
    return this.update(reply, (row) => {
      row.read = true;
    });
  }

  /** Notes that the reply waits again: it has got lost on its way to the producer's flow, or to a part of it. */
  markUnread(messageId: string, mayRepeat: boolean): void {
    this.update(messageId, (row) => {
      row.read = false;
      row.mayRepeat ||= mayRepeat;
    });
  }

  /** The oldest reply that a producer has not taken; it stays where it is. */
  firstWaiting(producerId: string): ReplyRow | undefined {
    this.settle();
    return this.waitingOf.group(producerId)?.first();
  }

  /** All replies that a producer has not taken, the oldest first. A copy. */
  waiting(producerId: string): ReplyRow[] {
    this.settle();
    return this.waitingOf.group(producerId)?.inOrder() ?? [];
  }

  waitingCount(producerId: string): number {
    this.settle();
    return this.waitingOf.count(producerId);
  }

  /** Calls `handler` whenever a reply for that producer has come, until the function given back is called. */
  onWaiting(producerId: string, handler: () => void): () => void {
    return this.subscribers.add(producerId, handler);
  }

  override newest(limit: number): Listing<ReplyRow> {
    return newestBySequence(this.rows(), limit);
  }

  protected override arrived(row: ReplyRow): void {
    if (!row.read) this.wake(row.producerId);
  }

  protected override rebuilt(): void {
    for (const producerId of this.waitingOf.names()) this.wake(producerId);
  }

  private wake(producerId: string): void {
    for (const handler of this.subscribers.of(producerId)) this.context.dispatcher.post(handler);
  }
}
