/** What has happened, by name, and who waits for it. */
export class Happenings {
  readonly #happened = new Set<string>();
  readonly #waiting = new Map<string, (() => void)[]>();

  note(name: string): void {
    this.#happened.add(name);
    this.#waiting.get(name)?.forEach((resolve) => {
      resolve();
    });
    this.#waiting.delete(name);
  }

  has(name: string): boolean {
    return this.#happened.has(name);
  }

  /** Fulfilled as soon as it has happened. */
  async wait(name: string): Promise<void> {
    return this.has(name)
      ? Promise.resolve()
      : new Promise((resolve) => {
          this.#waiting.set(name, [...(this.#waiting.get(name) ?? []), resolve]);
        });
  }
}
