import type { Engine } from '../engine/engine.js';
import type { MessageRow } from '../engine/rows.js';
import { describe } from '../support/errors.js';
import type { Log } from '../support/log.js';
import type { AttachedProducers } from './attached-producers.js';
import type { AttachedProducer, MessageFailure } from './contract.js';
import { type MessageCounters, stageOf } from './message-counters.js';
import type { MessageViews } from './message-views.js';
import type { StoreJournal } from './store-journal.js';

/** Why a message failed. */
export type Failing = Pick<MessageFailure, 'code' | 'action' | 'read'>;

/** A failure that its producer has not been told, or is being told. */
interface Pending {
  readonly failing: Failing;
  readonly producerId: string;
  telling: boolean;
}

/**
 * Messages that have failed, until their failure output has been told: also where the producer comes
 * back only after a deploy or a restart.
 */
export class Failures {
  private readonly pending = new Map<string, Pending>();

  constructor(
    private readonly engine: Engine,
    private readonly producers: AttachedProducers,
    private readonly counters: MessageCounters,
    private readonly views: MessageViews,
    private readonly journal: StoreJournal,
    private readonly log: Log,
    /** The failure was told, or nobody is there to tell: the message may go. */
    private readonly over: (row: MessageRow) => void,
  ) {}

  /** Ends a message by its failure output. */
  begin(row: MessageRow, failing: Failing): void {
    const before = stageOf(row);
    this.engine.messages.update(row.id, (changed) => {
      changed.state = 'failed';
    });
    this.counters.move(row.producerId, before, stageOf(row));
    this.pending.set(row.id, { failing, producerId: row.producerId, telling: false });
    if (this.journal.keepsNothing) this.tellOrWait(row.id);
    else void this.writeThenTell(row, failing);
  }

  /** Takes back a failure of an earlier life of the store. Its row is in the table already. */
  takeBack(row: MessageRow, failing: Failing): void {
    this.pending.set(row.id, { failing, producerId: row.producerId, telling: false });
    this.tellOrWait(row.id);
  }

  failingOf(messageId: string): Failing | undefined {
    return this.pending.get(messageId)?.failing;
  }

  /** The producer is in the flow (again). */
  attached(producer: AttachedProducer): void {
    for (const [messageId, { producerId, telling }] of this.pending) {
      if (producerId === producer.id && !telling) this.tellOrWait(messageId);
    }
  }

  /** The producer left before its flow had heard of a failed message: its successor is told. */
  detached(producerId: string): void {
    for (const [messageId, pending] of this.pending) {
      if (pending.producerId !== producerId) continue;
      pending.telling = false;
      this.tellOrWait(messageId);
    }
  }

  /** The producer's flow has heard of it. */
  told(messageId: string): void {
    if (this.pending.get(messageId)?.telling === true) this.finish(messageId);
  }

  /** The message is gone for another reason. */
  forget(messageId: string): void {
    this.pending.delete(messageId);
  }

  /** That it failed is written down first: after a crash it must not be offered again. */
  private async writeThenTell(row: MessageRow, failing: Failing): Promise<void> {
    try {
      await this.journal.mark(row.id, { state: 'failed', ...failing, consumerId: row.consumerId });
    } catch (error) {
      this.log.error(`the failure of message ${row.id} is not in the journal: ${describe(error)}`);
    }
    this.tellOrWait(row.id);
  }

  private tellOrWait(messageId: string): void {
    const pending = this.pending.get(messageId);
    const row = this.engine.messages.get(messageId);
    if (pending === undefined || row === undefined || pending.telling) return;
    const producer = this.producers.get(pending.producerId);
    if (producer === undefined) {
      this.producers.expect(messageId, pending.producerId, () => {
        const { code } = pending.failing;
        this.log.warn(`message ${messageId} failed (${code}), its producer is not in the flow`);
        this.finish(messageId);
      });
      return;
    }
    pending.telling = true;
    producer.failed({ ...pending.failing, message: this.views.failed(row) });
  }

  private finish(messageId: string): void {
    this.pending.delete(messageId);
    const row = this.engine.messages.get(messageId);
    if (row !== undefined) this.over(row);
  }
}
