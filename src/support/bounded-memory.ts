/** Remembers the latest entries, up to a limit; the oldest are forgotten. */
export class BoundedMemory<Value> {
  private readonly entries = new Map<string, Value>();

  /** @param limit most entries that are remembered */
  constructor(private readonly limit: number) {}

  set(key: string, value: Value): void {
    this.entries.delete(key);
    this.entries.set(key, value);
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= this.limit) return;
      this.entries.delete(oldest);
    }
  }

  get(key: string): Value | undefined {
    return this.entries.get(key);
  }

  has(key: string): boolean {
    return this.entries.has(key);
  }
}
