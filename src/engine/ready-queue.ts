import type { MessageRow } from './rows.js';
import { SequenceQueue } from './sequence-queue.js';

/** How long a message may wait behind others of higher priority before ageing helps it, ms. */
export const STARVATION_MS = 10_000;

/**
 * Every so many takes, one is for the oldest message, if that one starves. So a message that has
 * waited {@link STARVATION_MS} is out after at most four takes for each older message and four for
 * itself, whatever comes after it. Takes that came back count as none.
 */
export const AGEING_EVERY_TAKES = 4;

/** The messages of one priority, in the order of acceptance. */
interface Lane {
  readonly priority: number;
  readonly queue: SequenceQueue<MessageRow>;
}

/**
 * The messages of one service that wait to be offered: higher priority first, then in the order of
 * acceptance. Every fourth take may go to the oldest of all instead, so that an endless flood of high
 * priority does not starve the rest (DEFECTS 13). One lane per priority makes both cheap: there are
 * few priorities, and the oldest of all is at the head of one of the lanes.
 */
export class ReadyQueue {
  /** Highest priority first. None is empty. */
  private readonly lanes: Lane[] = [];
  private rows = 0;
  /** Takes since the last one that was for the oldest. */
  private takes = 0;
  /** The last one that was taken as the oldest. */
  private aged: MessageRow | undefined;

  get size(): number {
    return this.rows;
  }

  /** Puts a message that is not in the queue into its place. */
  add(row: MessageRow): void {
    // Nobody had room for the one whose turn it was: it is still its turn.
    if (row === this.aged) this.takes = AGEING_EVERY_TAKES - 1;
    const place = this.laneFor(row.priority);
    let lane = this.lanes[place];
    if (lane?.priority !== row.priority) {
      lane = { priority: row.priority, queue: new SequenceQueue() };
      this.lanes.splice(place, 0, lane);
    }
    lane.queue.add(row);
    this.rows += 1;
  }

  /** Takes a message out. @returns whether it was in the queue */
  delete(row: MessageRow): boolean {
    const place = this.laneFor(row.priority);
    const lane = this.lanes[place];
    if (lane?.priority !== row.priority || !lane.queue.delete(row)) return false;
    this.rows -= 1;
    if (lane.queue.size === 0) this.lanes.splice(place, 1);
    return true;
  }

  /** The oldest message of the highest priority. */
  peek(): MessageRow | undefined {
    return this.lanes[0]?.queue.first();
  }

  /**
   * Chooses the message to offer next and counts that as a take. The message stays in the queue:
   * it leaves with the change of its state.
   * @param now monotonic ms
   */
  choose(now: number): MessageRow | undefined {
    this.takes += 1;
    if (this.takes >= AGEING_EVERY_TAKES) {
      const oldest = this.oldest();
      if (oldest !== undefined && now - oldest.acceptedAt > STARVATION_MS) {
        this.takes = 0;
        this.aged = oldest;
        return oldest;
      }
    }
    return this.peek();
  }

  private oldest(): MessageRow | undefined {
    let oldest: MessageRow | undefined;
    for (const lane of this.lanes) {
      const row = lane.queue.first();
      if (row !== undefined && (oldest === undefined || row.sequence < oldest.sequence)) oldest = row;
    }
    return oldest;
  }

  /** Where the lane of a priority is, or has to be put. */
  private laneFor(priority: number): number {
    let low = 0;
    let high = this.lanes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.lanes[middle]?.priority ?? -Infinity) > priority) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
