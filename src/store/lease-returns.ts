import type { NotifyRow } from '../engine/rows.js';
import { MAX_RENEWED_MESSAGES } from '../protocol/limits.js';
import type { Clock } from '../support/clock.js';
import { describe } from '../support/errors.js';
import type { Log } from '../support/log.js';
import { Pauses } from '../support/pauses.js';
import { RENEW_AGAIN_AFTER_MS } from './lease-keeper.js';
import { byWay, isLeased, lostMessage } from './leased-rows.js';
import { LEASE_MS } from './leases.js';
import type { WayHome } from './way-home.js';

/**
 * Says to the producers' stores which messages have gone with a consumer that left its flow: they need not wait
 * until the leases lapse.
 */
export class LeaseReturns {
  private readonly pauses: Pauses;
  private readonly underWay = new Set<Promise<void>>();
  private closed = false;

  constructor(
    private readonly storeName: string,
    private readonly wayHome: Pick<WayHome, 'renew'>,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.pauses = new Pauses(clock);
  }

  /** @param had what the consumer had when it left, as it was then */
  add(had: readonly NotifyRow[]): void {
    for (const rows of byWay(had.filter((row) => isLeased(row, this.storeName))).values()) {
      for (let start = 0; start < rows.length; start += MAX_RENEWED_MESSAGES) {
        this.begin(rows.slice(start, start + MAX_RENEWED_MESSAGES));
      }
    }
  }

  /** Fulfilled when all that is being said has been heard, or was given up. */
  async settled(): Promise<void> {
    await Promise.all([...this.underWay]);
  }

  close(): void {
    this.closed = true;
    this.pauses.endAll();
  }

  private begin(rows: readonly NotifyRow[]): void {
    const said = this.sayUntilHeard(rows).finally(() => {
      this.underWay.delete(said);
    });
    this.underWay.add(said);
  }

  private async sayUntilHeard(rows: readonly NotifyRow[]): Promise<void> {
    const [first] = rows;
    if (first === undefined) return;
    const lost = rows.map(lostMessage);
    const lapsesAt = this.clock.now() + LEASE_MS;
    for (;;) {
      try {
        await this.wayHome.renew(first, { consumerStore: this.storeName, held: [], lost });
        return;
      } catch (error) {
        if (this.closed || this.clock.now() > lapsesAt) {
          this.log.debug(`leases could not be given back: ${describe(error)}`);
          return;
        }
      }
      await this.pauses.wait(RENEW_AGAIN_AFTER_MS);
    }
  }
}
