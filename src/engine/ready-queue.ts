import type { MessageRow } from './rows.js';
import { SequenceQueue } from './sequence-queue.js';

/** How long a message may wait behind others of higher priority before ageing helps it, ms. */
export const STARVATION_MS = 10_000;

/**
 * Every so many takes, one is for a lower priority that starves, each of those in its turn. So the oldest message of a
 * priority that has waited {@link STARVATION_MS} is out after at most four takes for each priority that starves,
 * however many messages of higher ones wait and come. Takes that came back count as none.
 */
export const AGEING_EVERY_TAKES = 4;

/** The messages of one priority, in the order of acceptance. */
interface Lane {
  readonly priority: number;
  readonly queue: SequenceQueue<MessageRow>;
  /** The number of the last take that was from here because the lane starved; 0: none was. */
  agedTake: number;
}

/**
 * The messages of one service that wait to be offered: higher priority first, then in the order of
 * acceptance. Every fourth take may go to a lower priority instead, so that an endless flood of a high
 * one does not starve the rest (DEFECTS 13). One lane per priority makes both cheap: there are few
 * priorities, and the oldest of each is at the head of its lane.
 */
export class ReadyQueue {
  /** Highest priority first. None is empty. */
  private readonly lanes: Lane[] = [];
  private rows = 0;
  /** Takes since the last one for a lane that starved. */
  private takes = 0;
  /** Takes for lanes that starved. */
  private agedTakes = 0;
  /** The last one that was taken because its lane starved. */
  private aged: MessageRow | undefined;

  get size(): number {
    return this.rows;
  }

  /** Puts a message that is not in the queue into its place. */
  add(row: MessageRow): void {
    const place = this.laneFor(row.priority);
    let lane = this.lanes[place];
    if (lane?.priority !== row.priority) {
      lane = { priority: row.priority, queue: new SequenceQueue(), agedTake: 0 };
      this.lanes.splice(place, 0, lane);
    }
    // Nobody had room for the one whose turn it was: it is still its turn.
    if (row === this.aged) {
      this.takes = AGEING_EVERY_TAKES - 1;
      lane.agedTake = 0;
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
      const lane = this.starving(now);
      const oldest = lane?.queue.first();
      if (lane !== undefined && oldest !== undefined) {
        this.takes = 0;
        this.agedTakes += 1;
        lane.agedTake = this.agedTakes;
        this.aged = oldest;
        return oldest;
      }
    }
    return this.peek();
  }

  /** The lane that starves and has had no turn for the longest; the highest one, which is taken from anyway, never does. */
  private starving(now: number): Lane | undefined {
    let chosen: Lane | undefined;
    for (const lane of this.lanes) {
      const waits = lane !== this.lanes[0] && now - (lane.queue.first()?.acceptedAt ?? now) > STARVATION_MS;
      if (waits && (chosen === undefined || lane.agedTake < chosen.agedTake)) chosen = lane;
    }
    return chosen;
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
