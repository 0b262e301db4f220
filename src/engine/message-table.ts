import { ByteSum } from './byte-sum.js';
import { compoundKey } from './compound-key.js';
import { GroupIndex } from './group-index.js';
import { ReadyQueue } from './ready-queue.js';
import type { MessageRow } from './rows.js';
import { Table, type Listing, type TableContext } from './table.js';
import { TableSchema } from './table-schema.js';
import { newestBySequence } from './newest.js';

const SCHEMA = new TableSchema<MessageRow>(
  'inMessages',
  {
    id: 'text',
    service: 'text',
    producerId: 'text',
    priority: 'number',
    sequence: 'number',
    sendOnly: 'boolean',
    reversePath: 'boolean',
    acceptedEpochMs: 'number',
    acceptedAt: 'number',
    deadlineAt: 'number',
    text: 'text',
    restore: 'text',
    payloadName: 'text',
    byteLength: 'number',
    preserved: 'text',
    preservedRestore: 'text',
    correlationId: 'text',
    notifyIntervalMs: 'number',
    redeliver: 'boolean',
    maxDeliver: 'number',
    state: ['queued', 'offering', 'assigned', 'read', 'replied', 'failed'],
    consumerId: 'text',
    consumerStore: 'text',
    via: 'text',
    notifiedEpochMs: 'number',
    deliveryCount: 'number',
    token: 'text',
  },
  (row) => row.id,
);

/** To whom a message is given. */
export interface Assignment {
  readonly consumerId: string;
  readonly consumerStore: string;
  /** Key of the neighbour that leads there; `local` for a consumer of this store. */
  readonly via: string;
  /** Epoch ms of the assignment. */
  readonly notifiedEpochMs: number;
  /** Names the assignment, or empty. */
  readonly token: string;
}

/**
 * `inMessages`: the messages that this store has accepted from its producers, with a queue per
 * service of those that are ready to be offered, and groups of those that are assigned.
 */
export class MessageTable extends Table<MessageRow> {
  private readonly ready = this.derive(
    new GroupIndex<MessageRow, ReadyQueue>(
      (row) => (row.state === 'queued' ? row.service : undefined),
      () => new ReadyQueue(),
    ),
  );
  private readonly byConsumer = this.derive(
    new GroupIndex<MessageRow, Set<MessageRow>>(
      (row) => (row.consumerId === '' ? undefined : compoundKey(row.consumerStore, row.consumerId)),
      () => new Set(),
    ),
  );
  private readonly byVia = this.derive(
    new GroupIndex<MessageRow, Set<MessageRow>>(
      (row) => (row.via === '' ? undefined : row.via),
      () => new Set(),
    ),
  );
  private readonly byteSum = this.derive(new ByteSum());
  private readonly readyHandlers: ((service: string) => void)[] = [];

  constructor(context: TableContext) {
    super(context, SCHEMA);
  }

  /** Size of all messages, payloads on disk included, bytes. */
  get bytes(): number {
    this.settle();
    return this.byteSum.bytes;
  }

  /**
   * Takes the next message of a service to offer it: its state becomes `offering`. Higher priority
   * goes first, but every fourth take is for the oldest one if that one starves (`ready-queue.ts`).
   * @param now monotonic ms
   */
  takeReady(service: string, now: number): MessageRow | undefined {
    this.settle();
    const row = this.ready.group(service)?.choose(now);
    if (row === undefined) return undefined;
    return this.update(row, (taken) => {
      taken.state = 'offering';
    });
  }

  /** The message of the highest priority of a service; it stays where it is. */
  peekReady(service: string): MessageRow | undefined {
    this.settle();
    return this.ready.group(service)?.peek();
  }

  /** Number of messages of a service that wait to be offered. */
  readyCount(service: string): number {
    this.settle();
    return this.ready.count(service);
  }

  /** Services that have a message to offer. */
  readyServices(): string[] {
    this.settle();
    return this.ready.names();
  }

  /** Gives a message to a consumer: its state becomes `assigned`. Undefined: it is gone. */
  assign(message: MessageRow | string, assignment: Assignment): MessageRow | undefined {
    return this.update(message, (row) => {
      row.state = 'assigned';
      row.consumerId = assignment.consumerId;
      row.consumerStore = assignment.consumerStore;
      row.via = assignment.via;
      row.notifiedEpochMs = assignment.notifiedEpochMs;
      row.token = assignment.token;
    });
  }

  /** Puts a message back in its own place, assigned to nobody. Undefined: it is gone. */
  requeue(message: MessageRow | string): MessageRow | undefined {
    const queued = this.update(message, (row) => {
      row.state = 'queued';
      row.consumerId = '';
      row.consumerStore = '';
      row.via = '';
      row.token = '';
    });
    if (queued !== undefined) this.announceReady(queued.service);
    return queued;
  }

  /** Messages that were given to a consumer and not taken back. A copy. */
  assignedTo(consumerStore: string, consumerId: string): MessageRow[] {
    this.settle();
    return [...(this.byConsumer.group(compoundKey(consumerStore, consumerId)) ?? [])];
  }

  /** Messages whose assignment went through a neighbour. A copy. */
  assignedVia(via: string): MessageRow[] {
    this.settle();
    return [...(this.byVia.group(via) ?? [])];
  }

  /**
   * Calls `handler` with the service whenever a message of it has become ready: inserted as
   * `queued`, put back, or found after foreign SQL. Handlers should only wake a loop.
   */
  onReady(handler: (service: string) => void): void {
    this.readyHandlers.push(handler);
  }

  override newest(limit: number): Listing<MessageRow> {
    return newestBySequence(this.rows(), limit);
  }

  protected override arrived(row: MessageRow): void {
    if (row.state === 'queued') this.announceReady(row.service);
  }

  protected override rebuilt(): void {
    for (const service of this.ready.names()) this.announceReady(service);
  }

  private announceReady(service: string): void {
    for (const handler of this.readyHandlers) {
      this.context.dispatcher.post(() => {
        handler(service);
      });
    }
  }
}
