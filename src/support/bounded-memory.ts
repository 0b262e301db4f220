interface Entry<Value> {
  readonly value: Value;
  /** Which of all calls of `set` it comes from. */
  readonly turn: number;
}

/** Key of a call of `set`. It is out of date where the key was set again since. */
interface Turn {
  readonly key: string;
  readonly turn: number;
}

/** Turns that are left behind before the list is cut: seldom enough to cost nothing, often enough to stay small. */
const LEFT_BEHIND = 1_024;

/**
 * Remembers the latest entries, up to a limit; the oldest are forgotten. The order is kept beside the map: to find the
 * oldest key of a map that loses its oldest keys all the time takes longer and longer.
 */
export class BoundedMemory<Value> {
  private readonly entries = new Map<string, Entry<Value>>();
  private turns: Turn[] = [];
  private oldest = 0;
  private count = 0;

  /** @param limit most entries that are remembered */
  constructor(private readonly limit: number) {}

  set(key: string, value: Value): void {
    this.count += 1;
    this.entries.set(key, { value, turn: this.count });
    this.turns.push({ key, turn: this.count });
    // An entry that is set again leaves a turn behind that counts for nothing.
    while (this.entries.size > this.limit || this.turns.length - this.oldest > 2 * this.limit)
      this.forgetOldest();
  }

  get(key: string): Value | undefined {
    return this.entries.get(key)?.value;
  }

  has(key: string): boolean {
    return this.entries.has(key);
  }

  private forgetOldest(): void {
    const turn = this.turns[this.oldest];
    this.oldest += 1;
    if (turn !== undefined && this.entries.get(turn.key)?.turn === turn.turn) this.entries.delete(turn.key);
    if (this.oldest < LEFT_BEHIND) return;
    this.turns = this.turns.slice(this.oldest);
    this.oldest = 0;
  }
}
