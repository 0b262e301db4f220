import type { NotifyRow } from '../engine/rows.js';
import type { Clock } from '../support/clock.js';
import { asError, RedlinkError } from '../support/errors.js';
import { Pauses } from '../support/pauses.js';
import type { WayHome } from './way-home.js';

/** How often a confirmation is sent before the whole message is fetched again. */
const TRIES = 4;

/** Pause before it is sent again, ms; twice as long each time. */
const FIRST_PAUSE_MS = 100;

/**
 * Says to the producer's store that the whole message is here. Only after the answer may the flow get
 * it: until then the message may still be given to somebody else.
 */
export class ReadConfirmation {
  private readonly pauses: Pauses;
  private readonly underWay = new Set<Promise<void>>();
  private closed = false;

  constructor(
    private readonly storeName: string,
    private readonly wayHome: WayHome,
    clock: Clock,
    /** Load of a consumer, percent. */
    private readonly roomOf: (consumerId: string) => number,
  ) {
    this.pauses = new Pauses(clock);
  }

  /**
   * @param readDelayMs milliseconds from notify to the read
   * @throws RedlinkError `NOT_FOUND` where the message is no longer this consumer's; `PEER_*`, `JOURNAL_IO` where it cannot be said.
   */
  async confirm(row: NotifyRow, readDelayMs: number): Promise<void> {
    const said = this.sayUntilAnswered(row, readDelayMs);
    this.underWay.add(said);
    try {
      await said;
    } finally {
      this.underWay.delete(said);
    }
  }

  /** Fulfilled when all that is being said now has its outcome: what was confirmed is in its consumer's hands then. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.underWay]);
  }

  private async sayUntilAnswered(row: NotifyRow, readDelayMs: number): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    for (let tries = 1; ; tries += 1) {
      try {
        await this.say(row, readDelayMs);
        return;
      } catch (thrown) {
        const error = asError(thrown);
        const final = error instanceof RedlinkError && error.code === 'NOT_FOUND';
        if (final || tries === TRIES || this.closed) throw error;
      }
      await this.pauses.wait(pauseMs);
      pauseMs *= 2;
    }
  }

  close(): void {
    this.closed = true;
    this.pauses.endAll();
  }

  private async say(row: NotifyRow, readDelayMs: number): Promise<void> {
    const answer = await this.wayHome.taken(row, {
      messageId: row.messageId,
      producerId: row.producerId,
      consumer: { id: row.consumerId, service: row.service, storeName: this.storeName },
      token: row.token,
      readDelayMs,
      room: this.roomOf(row.consumerId),
    });
    if (answer.kind === 'stale') {
      throw new RedlinkError('NOT_FOUND', `Message ${row.messageId} is no longer this consumer's`);
    }
  }
}
