import type { MessageRow } from '../engine/rows.js';
import type { ProducerCounts } from './contract.js';

/** Where a message counts in its producer's status (NODES.md: `M:queued N:notified R:replies`). */
export type Stage = keyof ProducerCounts;

const NOTHING: ProducerCounts = { queued: 0, notified: 0, replies: 0 };

export function stageOf(row: MessageRow): Stage {
  switch (row.state) {
    case 'queued':
    case 'offering':
    // What waits for its failure output counts as what has not come through.
    case 'failed':
      return 'queued';
    case 'assigned':
    case 'read':
      return 'notified';
    case 'replied':
      return 'replies';
  }
}

/** Counts the messages of each producer as they move on, so that a status costs no search. */
export class MessageCounters {
  private readonly counts = new Map<string, Record<Stage, number>>();

  constructor(private readonly changed: (producerId: string) => void) {}

  of(producerId: string): ProducerCounts {
    return this.counts.get(producerId) ?? NOTHING;
  }

  enter(producerId: string, stage: Stage): void {
    const counts = this.counts.get(producerId) ?? { ...NOTHING };
    counts[stage] += 1;
    this.counts.set(producerId, counts);
    this.changed(producerId);
  }

  move(producerId: string, from: Stage, to: Stage): void {
    const counts = this.counts.get(producerId);
    if (counts === undefined) return;
    counts[from] -= 1;
    counts[to] += 1;
    this.changed(producerId);
  }

  leave(producerId: string, stage: Stage): void {
    const counts = this.counts.get(producerId);
    if (counts === undefined) return;
    counts[stage] -= 1;
    if (counts.queued + counts.notified + counts.replies === 0) this.counts.delete(producerId);
    this.changed(producerId);
  }
}
