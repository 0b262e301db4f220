import assert from 'node:assert/strict';

/** How long a test waits for what must come, ms. Far beyond what it takes, even on a busy machine. */
export const PATIENCE_MS = 10_000;

/** Between two looks at a condition, ms. */
const POLL_MS = 5;

/** A message of a flow, as an output gave it. */
export type FlowMessage = Record<string, unknown>;

/** Collects what comes out somewhere, and lets a test wait for it. */
export class Outlet<Message = FlowMessage> {
  /** Everything so far, oldest first. */
  readonly messages: Message[] = [];
  private taken = 0;

  constructor(private readonly name: string) {}

  push(message: Message): void {
    this.messages.push(message);
  }

  /** The oldest message that no call has given yet; waits for it. */
  async next(withinMs = PATIENCE_MS): Promise<Message> {
    const place = this.taken;
    this.taken += 1;
    await this.count(place + 1, withinMs);
    const message = this.messages[place];
    assert.ok(message !== undefined);
    return message;
  }

  /** Waits until so many have come in all. */
  async count(wanted: number, withinMs = PATIENCE_MS): Promise<readonly Message[]> {
    await until(
      () => this.messages.length >= wanted,
      () => `${this.name}: ${this.messages.length} of ${wanted} messages came`,
      withinMs,
    );
    return this.messages;
  }
}

/** Waits until a condition holds. @throws AssertionError where it does not in time. */
export async function until(
  holds: () => boolean,
  complaint: string | (() => string),
  withinMs = PATIENCE_MS,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > deadline) {
      assert.fail(`${typeof complaint === 'string' ? complaint : complaint()} in ${withinMs} ms`);
    }
    await pause(POLL_MS);
  }
}

/** Lets time pass: for what must *not* happen in it. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
