import type { Clock } from '../support/clock.js';
import type { DeadlineHeap } from '../support/deadline-heap.js';

/** How long an assignment lasts after its consumer's store was last heard of it, ms (DESIGN.md, "Lease"). */
export const LEASE_MS = 10_000;

/** Which messages of this store are leased to consumers of others, and for how long still. */
export class Leases {
  private readonly held = new Set<string>();

  constructor(
    private readonly deadlines: DeadlineHeap,
    private readonly clock: Clock,
    private readonly lapsed: (messageId: string) => void,
  ) {}

  has(messageId: string): boolean {
    return this.held.has(messageId);
  }

  /** The consumer's store is known to have the message now: begins the lease, or goes on with it. */
  grant(messageId: string): void {
    this.held.add(messageId);
    this.deadlines.set(leaseKey(messageId), this.clock.now() + LEASE_MS, () => {
      this.held.delete(messageId);
      this.lapsed(messageId);
    });
  }

  /** The assignment is over. */
  end(messageId: string): void {
    if (this.held.delete(messageId)) this.deadlines.cancel(leaseKey(messageId));
  }
}

function leaseKey(messageId: string): string {
  return `lease ${messageId}`;
}
