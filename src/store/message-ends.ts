import { BoundedMemory } from '../support/bounded-memory.js';

/** How many messages that have ended are remembered: far more than can be asked about a second time. */
const REMEMBERED_ENDS = 4_096;

/** How a message ended for the consumer that had it. */
export type EndForConsumer = 'replied' | 'confirmed' | 'failed';

interface Ended {
  readonly token: string;
  readonly how: EndForConsumer;
}

/**
 * How the latest messages of this store ended, and under which assignment: a consumer's store whose
 * answer was lost asks again, and must not be told that the message was never its own.
 */
export class MessageEnds {
  private readonly ends = new BoundedMemory<Ended>(REMEMBERED_ENDS);

  note(messageId: string, token: string, how: EndForConsumer): void {
    this.ends.set(messageId, { token, how });
  }

  /** Undefined where it is not remembered, or where the assignment was another one. */
  under(messageId: string, token: string): EndForConsumer | undefined {
    const ended = this.ends.get(messageId);
    return ended?.token === token ? ended.how : undefined;
  }

  /** Whether the message is known to have ended, whatever the assignment. */
  has(messageId: string): boolean {
    return this.ends.has(messageId);
  }
}
