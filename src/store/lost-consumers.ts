import type { Engine } from '../engine/engine.js';
import type { MessageRow } from '../engine/rows.js';
import type { LostMessage } from '../protocol/verbs.js';

/** What becomes of a message whose consumer is gone. */
export interface LosableMessages {
  /** Unread, or where its producer allows it, it goes out again; otherwise it fails. */
  loseById(messageId: string): void;
  /** It goes out again, as if nobody had been given it. */
  loseUnread(row: MessageRow): void;
}

/** Takes back what consumers had that have left their flows for good, as soon as their stores say so. */
export class LostConsumers {
  constructor(
    private readonly engine: Engine,
    private readonly messages: LosableMessages,
  ) {}

  /** A consumer of that store is gone, and with it the message, if it still had it. */
  takeBack({ messageId, token, read }: LostMessage, consumerStore: string): void {
    const row = this.engine.messages.get(messageId);
    if (row?.token !== token || row.consumerStore !== consumerStore) return;
    if (row.state !== 'read' || read) this.messages.loseById(messageId);
    // One that is only sent is over as soon as it counts as read.
    else if (!row.sendOnly) this.messages.loseUnread(row);
  }

  /** A consumer of this very store is gone, and with it all that it had, or had read in an earlier life of the store. */
  takeBackAll(consumerId: string, ownStore: string, had: readonly LostMessage[]): void {
    for (const message of had) this.takeBack(message, ownStore);
    for (const row of this.engine.messages.assignedTo(ownStore, consumerId)) {
      if (row.state === 'read') this.messages.loseById(row.id);
    }
  }
}
