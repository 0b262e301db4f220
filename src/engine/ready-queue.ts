import { PriorityQueue } from './priority-queue.js';
import type { MessageRow } from './rows.js';

/** How long a message may wait behind others of higher priority before ageing helps it, ms. */
export const STARVATION_MS = 10_000;

/**
 * Every so many takes, one is for the oldest message, if that one starves. So a message is out
 * after at most four times as many takes as there were older messages, whatever comes after it.
 */
export const AGEING_EVERY_TAKES = 4;

/**
 * The messages of one service that wait to be offered: higher priority first, then in the order of
 * acceptance. A second order by acceptance alone keeps an endless flood of high priority from
 * starving the rest (DEFECTS 13).
 */
export class ReadyQueue {
  private readonly byPriority = new PriorityQueue<MessageRow>(comesFirst);
  private readonly byAge = new PriorityQueue<MessageRow>(isOlder);
  private takes = 0;

  get size(): number {
    return this.byPriority.size;
  }

  add(row: MessageRow): void {
    this.byPriority.add(row);
    this.byAge.add(row);
  }

  delete(row: MessageRow): void {
    this.byPriority.delete(row);
    this.byAge.delete(row);
  }

  /** The message of the highest priority, the oldest of them. */
  peek(): MessageRow | undefined {
    return this.byPriority.first();
  }

  /**
   * Chooses the message to offer next and counts that as a take. The message stays in the queue:
   * it leaves with the change of its state.
   * @param now monotonic ms
   */
  choose(now: number): MessageRow | undefined {
    this.takes += 1;
    if (this.takes % AGEING_EVERY_TAKES === 0) {
      const oldest = this.byAge.first();
      if (oldest !== undefined && now - oldest.acceptedAt > STARVATION_MS) return oldest;
    }
    return this.peek();
  }
}

function comesFirst(a: MessageRow, b: MessageRow): boolean {
  return a.priority === b.priority ? a.sequence < b.sequence : a.priority > b.priority;
}

function isOlder(a: MessageRow, b: MessageRow): boolean {
  return a.sequence < b.sequence;
}
