/** How far into its recording a scene has got, in the recording's milliseconds. */
export class Timeline {
  #reachedMs = 0;
  #waiting: { readonly atMs: number; readonly resolve: () => void }[] = [];

  get reachedMs(): number {
    return this.#reachedMs;
  }

  /** The scene goes on to a moment: whatever happened before it may happen now. It never goes back. */
  reach(atMs: number): void {
    this.#reachedMs = Math.max(this.#reachedMs, atMs);
    this.#waiting
      .filter((one) => one.atMs <= atMs)
      .forEach(({ resolve }) => {
        resolve();
      });
    this.#waiting = this.#waiting.filter((one) => one.atMs > atMs);
  }

  /** Fulfilled when the scene has got to a moment. */
  async reached(atMs: number): Promise<void> {
    return atMs <= this.#reachedMs
      ? Promise.resolve()
      : new Promise((resolve) => {
          this.#waiting.push({ atMs, resolve });
        });
  }
}
