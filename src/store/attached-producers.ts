import type { Clock } from '../support/clock.js';
import type { DeadlineHeap } from '../support/deadline-heap.js';
import type { AttachedProducer } from './contract.js';

/**
 * How long a reply or a failure waits for a producer that is not in the flow, ms: longer than any
 * deploy and most restarts take. After that the producer counts as deleted.
 */
export const ORPHANED_AFTER_MS = 600_000;

/** The producers in the flow, and what waits for those that are not. */
export class AttachedProducers {
  private readonly producers = new Map<string, AttachedProducer>();
  /** Messages whose outcome waits for a producer: by producer. */
  private readonly expecting = new Map<string, Set<string>>();

  constructor(
    private readonly deadlines: DeadlineHeap,
    private readonly clock: Clock,
  ) {}

  get(producerId: string): AttachedProducer | undefined {
    return this.producers.get(producerId);
  }

  attach(producer: AttachedProducer): void {
    this.producers.set(producer.id, producer);
    for (const messageId of this.expecting.get(producer.id) ?? []) {
      this.deadlines.cancel(orphanKey(messageId));
    }
    this.expecting.delete(producer.id);
  }

  /** @returns whether it was attached: a redeployed node may have taken its place already. */
  detach(producer: AttachedProducer): boolean {
    if (this.producers.get(producer.id) !== producer) return false;
    return this.producers.delete(producer.id);
  }

  /** The outcome of a message waits. Where its producer is away and stays so, `orphaned` is called. */
  expect(messageId: string, producerId: string, orphaned: () => void): void {
    if (this.producers.has(producerId)) return;
    const waiting = this.expecting.get(producerId) ?? new Set();
    this.expecting.set(producerId, waiting);
    waiting.add(messageId);
    this.deadlines.set(orphanKey(messageId), this.clock.now() + ORPHANED_AFTER_MS, () => {
      this.forget(messageId, producerId);
      orphaned();
    });
  }

  /** Nothing of the message waits any more. */
  forget(messageId: string, producerId: string): void {
    const waiting = this.expecting.get(producerId);
    if (waiting?.delete(messageId) !== true) return;
    this.deadlines.cancel(orphanKey(messageId));
    if (waiting.size === 0) this.expecting.delete(producerId);
  }
}

function orphanKey(messageId: string): string {
  return `orphan ${messageId}`;
}
