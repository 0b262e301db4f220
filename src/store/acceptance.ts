import { packedBytes } from '../payload/pack.js';
import type { PayloadStore } from '../payload/port.js';
import { textSource } from '../payload/sources.js';
import type { PayloadSource } from '../protocol/payload-source.js';
import type { Clock } from '../support/clock.js';
import type { Capacity } from './capacity.js';
import type { NewMessage } from './contract.js';
import type { LargePayloads } from './large-payloads.js';
import { type KeptBody, newMessageRow } from './new-message-row.js';
import type { Outbox } from './outbox.js';
import type { StoreJournal } from './store-journal.js';

/** Takes messages over from producers: to the disk first, then into the table. From then on they are accepted. */
export class Acceptance {
  constructor(
    private readonly outbox: Outbox,
    private readonly capacity: Capacity,
    private readonly payloads: PayloadStore,
    private readonly largePayloads: LargePayloads,
    private readonly journal: StoreJournal,
    private readonly clock: Clock,
  ) {}

  /**
   * @returns undefined where it was accepted at once, a promise where the disk has to take it first.
   * @throws RedlinkError `STORE_FULL`, `JOURNAL_IO`, `PAYLOAD_IO`, `CLOSED`
   */
  accept(message: NewMessage): Promise<void> | undefined {
    const { body, preserved } = message;
    const byteLength = packedBytes(body);
    this.capacity.mustTake(byteLength);
    const beside = this.largePayloads.isLarge(preserved?.text ?? '');
    if (body.text === undefined) {
      if (beside) return this.acceptLarge(message, byteLength, body.parts);
      return this.acceptSlowly(message, byteLength, () => this.largePayloads.keep(body.parts));
    }
    const large = beside || this.largePayloads.isLarge(body.text);
    if (large) return this.acceptLarge(message, byteLength, textSource(body.text, undefined));
    const kept = { text: body.text, payloadName: '', byteLength };
    if (!this.journal.keepsNothing) return this.acceptSlowly(message, byteLength, async () => kept);
    this.outbox.insert(newMessageRow(message, kept, this.clock, this.outbox.nextSequence()));
    return undefined;
  }

  private acceptLarge(message: NewMessage, byteLength: number, body: PayloadSource): Promise<void> {
    return this.acceptSlowly(message, byteLength, async () => {
      const stored = await this.payloads.save(body);
      return { text: '', payloadName: stored.name, byteLength: stored.byteLength };
    });
  }

  /** Its place is taken from the first moment on, its row is there when the disk has it. */
  private async acceptSlowly(
    message: NewMessage,
    byteLength: number,
    keep: () => Promise<KeptBody>,
  ): Promise<void> {
    const release = this.capacity.reserve(byteLength);
    // In the order of coming, however long the disk takes.
    const sequence = this.outbox.nextSequence();
    let payloadName = '';
    try {
      const body = await keep();
      ({ payloadName } = body);
      const row = newMessageRow(message, body, this.clock, sequence);
      await this.journal.accept(row);
      release();
      this.outbox.insert(row);
    } catch (error) {
      release();
      if (payloadName !== '') this.largePayloads.remove(payloadName);
      throw error;
    }
  }
}
