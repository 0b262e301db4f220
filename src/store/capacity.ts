import type { Engine } from '../engine/engine.js';
import { RedlinkError } from '../support/errors.js';

/** Limits of what a store takes in (NODES.md, "New in version 4"). */
export interface CapacityLimits {
  readonly maxMessages: number;
  /** Bytes of JSON text, payloads on disk included. */
  readonly maxBytes: number;
}

/** Says whether a store has place for one more message of its producers. */
export class Capacity {
  private wasFull = false;

  /** @param turned called when the store has become full, and when it is full no more. */
  constructor(
    private readonly storeName: string,
    private readonly engine: Engine,
    private readonly limits: CapacityLimits,
    private readonly turned: () => void,
  ) {}

  get full(): boolean {
    const { maxMessages, maxBytes } = this.limits;
    return this.engine.messages.size >= maxMessages || this.engine.messages.bytes >= maxBytes;
  }

  /** A message has come or gone. */
  noteChange(): void {
    if (this.full === this.wasFull) return;
    this.wasFull = !this.wasFull;
    this.turned();
  }

  /** @throws RedlinkError `STORE_FULL` where a message of that size does not fit. */
  mustTake(byteLength: number): void {
    const { maxMessages, maxBytes } = this.limits;
    if (this.engine.messages.size >= maxMessages) {
      throw new RedlinkError(
        'STORE_FULL',
        `Store ${this.storeName} is full: ${maxMessages} messages wait in it`,
      );
    }
    if (this.engine.messages.bytes + byteLength > maxBytes) {
      throw new RedlinkError(
        'STORE_FULL',
        `Store ${this.storeName} is full: its messages take ${maxBytes} bytes`,
      );
    }
  }
}
