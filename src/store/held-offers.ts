import type { Clock } from '../support/clock.js';
import type { DeadlineHeap } from '../support/deadline-heap.js';

/** How long an offer that was answered with yes keeps its place without a confirmation, ms (DESIGN.md). */
export const HELD_OFFER_MS = 5_000;

/** The places that were promised to messages of other stores, until they are confirmed or given up. */
export class HeldOffers {
  /** For which consumer, by message. */
  private readonly consumers = new Map<string, string>();
  private readonly perConsumer = new Map<string, number>();

  constructor(
    private readonly deadlines: DeadlineHeap,
    private readonly clock: Clock,
  ) {}

  /** The consumer whose place a message has. */
  consumerOf(messageId: string): string | undefined {
    return this.consumers.get(messageId);
  }

  /** How many places of a consumer are promised. */
  countOf(consumerId: string): number {
    return this.perConsumer.get(consumerId) ?? 0;
  }

  /** Promises a place. @param lapsed called where nobody confirms in time */
  hold(messageId: string, consumerId: string, lapsed: () => void): void {
    this.consumers.set(messageId, consumerId);
    this.perConsumer.set(consumerId, this.countOf(consumerId) + 1);
    this.deadlines.set(heldKey(messageId), this.clock.now() + HELD_OFFER_MS, () => {
      if (this.release(messageId)) lapsed();
    });
  }

  /** @returns whether the message had a place */
  release(messageId: string): boolean {
    const consumerId = this.consumers.get(messageId);
    if (consumerId === undefined) return false;
    this.consumers.delete(messageId);
    this.deadlines.cancel(heldKey(messageId));
    const left = this.countOf(consumerId) - 1;
    if (left > 0) this.perConsumer.set(consumerId, left);
    else this.perConsumer.delete(consumerId);
    return true;
  }

  clear(): void {
    for (const messageId of [...this.consumers.keys()]) this.release(messageId);
  }
}

function heldKey(messageId: string): string {
  return `held ${messageId}`;
}
