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
  /** What is on its way to the disk, and has no row yet. */
  private reservedMessages = 0;
  private reservedBytes = 0;

  /** @param turned called when the store has become full, and when it is full no more. */
  constructor(
    private readonly storeName: string,
    private readonly engine: Engine,
    private readonly limits: CapacityLimits,
    private readonly turned: () => void,
  ) {}

  get full(): boolean {
    const { maxMessages, maxBytes } = this.limits;
    return this.messages >= maxMessages || this.bytes >= maxBytes;
  }

  private get messages(): number {
    return this.engine.messages.size + this.reservedMessages;
  }

  private get bytes(): number {
    return this.engine.messages.bytes + this.reservedBytes;
  }

  /** Takes the place of a message that is on its way to the disk. @returns how to give it up, once */
  reserve(byteLength: number): () => void {
    this.reservedMessages += 1;
    this.reservedBytes += byteLength;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.reservedMessages -= 1;
      this.reservedBytes -= byteLength;
    };
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
    if (this.messages >= maxMessages) {
      throw new RedlinkError(
        'STORE_FULL',
        `Store ${this.storeName} is full: ${maxMessages} messages wait in it`,
      );
    }
    if (this.bytes + byteLength > maxBytes) {
      throw new RedlinkError(
        'STORE_FULL',
        `Store ${this.storeName} is full: its messages take ${maxBytes} bytes`,
      );
    }
  }
}
