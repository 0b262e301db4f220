/** Who wants to know of rows, by an id: the consumer of a notify, the producer of a reply. */
export class Subscribers {
  private readonly handlers = new Map<string, Set<() => void>>();

  /** Calls `handler` at each {@link call} with this id, until the function given back is called. */
  add(id: string, handler: () => void): () => void {
    const own = this.handlers.get(id) ?? new Set();
    this.handlers.set(id, own);
    // A fresh function, so that the same handler can be added twice and taken off once.
    const entry = (): void => {
      handler();
    };
    own.add(entry);
    return () => {
      own.delete(entry);
      if (own.size === 0 && this.handlers.get(id) === own) this.handlers.delete(id);
    };
  }

  /** The handlers of an id as they are now: changes during a call do not disturb it. */
  of(id: string): (() => void)[] {
    return [...(this.handlers.get(id) ?? [])];
  }
}
