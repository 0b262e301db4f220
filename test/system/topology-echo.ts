/** Messages to an echo and back, so many at a time: what every picture must carry, and what runs while stores die. */
import assert from 'node:assert/strict';
import { pause, until } from '../support/outlet.js';
import type { StoreProcess } from '../support/store-process.js';
import { PATIENCE_MS } from './topology-mesh.js';

/** Numbers of messages are never used twice, so that an old reply is not taken for a new one. */
let lastNumber = 0;

function nextNumber(): number {
  lastNumber += 1;
  return lastNumber;
}

/** Between two messages of a stream, ms. */
const STREAM_EVERY_MS = 20;

/** How a batch of messages is sent. */
export interface Batch {
  readonly service: string;
  readonly count: number;
  readonly inFlight: number;
  readonly reversePath: boolean;
}

/** Sends a batch, never more than so many unanswered at once, and waits until each has exactly one reply. */
export async function echoes(from: StoreProcess, batch: Batch): Promise<void> {
  const first = from.of('replied').length;
  const numbers = Array.from({ length: batch.count }, nextNumber);
  for (let sent = 0; sent < numbers.length; sent += 1) {
    await until(
      () => from.of('replied').length - first > sent - batch.inFlight,
      () => `${batch.service}: ${from.of('replied').length - first} of ${sent} replies came`,
      PATIENCE_MS,
    );
    from.send(batch.service, numbers.slice(sent, sent + 1), batch.reversePath);
  }
  const replies = (): number[] =>
    from
      .of('replied')
      .slice(first)
      .map(({ number }) => number);
  await until(
    () => replies().length >= numbers.length,
    () => `${batch.service}: ${replies().length} of ${numbers.length} replies came`,
    PATIENCE_MS,
  );
  assert.deepEqual(
    replies().sort((one, other) => one - other),
    numbers,
  );
}

/** A steady stream of messages, at an even pace whatever comes back. */
export class Stream {
  private readonly sentAt = new Map<number, number>();
  private readonly before: number;
  private running = true;
  private readonly sending: Promise<void>;

  constructor(
    private readonly from: StoreProcess,
    private readonly service: string,
    private readonly reversePath = true,
  ) {
    this.before = from.of('replied').length;
    this.sending = this.send();
  }

  /** Replies so far. */
  get replied(): number {
    return this.replies().length;
  }

  /** Sends no more. */
  stop(): void {
    this.running = false;
  }

  /** Ends the stream and waits until everything that was sent has its one reply. */
  async ends(): Promise<void> {
    this.stop();
    await this.sending;
    await until(
      () => this.replied >= this.sentAt.size,
      () =>
        `${this.service}: lost ${this.unanswered().length} of ${this.sentAt.size}: ${this.unanswered().join()}`,
      PATIENCE_MS,
    );
    assert.deepEqual(
      this.replies()
        .map(({ number }) => number)
        .sort((one, other) => one - other),
      [...this.sentAt.keys()],
      'a message was answered twice',
    );
  }

  /** How long, from a moment on, it took until messages sent after it were answered, ms. */
  async flowsAgainAfter(moment: number): Promise<number> {
    const first = (): { at: number } | undefined =>
      this.replies().find(({ number }) => (this.sentAt.get(number) ?? 0) > moment);
    await until(
      () => first() !== undefined,
      () => `${this.service}: no message that was sent after the fault has been answered`,
      PATIENCE_MS,
    );
    return (first()?.at ?? NaN) - moment;
  }

  /** The longest that a message waited for its reply, ms. */
  longestWait(): number {
    return Math.max(...this.replies().map(({ number, at }) => at - (this.sentAt.get(number) ?? at)));
  }

  private replies(): { number: number; at: number }[] {
    return this.from
      .of('replied')
      .slice(this.before)
      .filter(({ number }) => this.sentAt.has(number));
  }

  private unanswered(): number[] {
    const answered = new Set(this.replies().map(({ number }) => number));
    return [...this.sentAt.keys()].filter((number) => !answered.has(number));
  }

  private async send(): Promise<void> {
    while (this.running) {
      const number = nextNumber();
      this.sentAt.set(number, performance.timeOrigin + performance.now());
      this.from.send(this.service, [number], this.reversePath);
      await pause(STREAM_EVERY_MS);
    }
  }
}
