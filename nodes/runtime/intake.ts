/** Messages handled in one turn of the event loop before the next ones wait: a few milliseconds of work. */
const MESSAGES_PER_TURN = 100;

/**
 * Takes messages in, turn by turn of the event loop, so that a burst does not hold up the process
 * (DEFECTS 18). The first ones of a turn are handled at once; all are handled in the order of their coming.
 */
export class Intake<Item> {
  private waiting: Item[] = [];
  /** Place of the next item in {@link waiting}: taking it off a long array each time would cost much. */
  private next = 0;
  private handledThisTurn = 0;
  private turn: NodeJS.Immediate | undefined;

  /** @param isOpen - while it says no, everything waits until {@link wake}. */
  constructor(
    private readonly handle: (item: Item) => void,
    private readonly isOpen: () => boolean,
  ) {}

  put(item: Item): void {
    const atOnce = this.isOpen() && this.waiting.length === 0 && this.handledThisTurn < MESSAGES_PER_TURN;
    if (!atOnce) this.waiting.push(item);
    this.wake();
    if (!atOnce) return;
    this.handledThisTurn += 1;
    this.handle(item);
  }

  /** It may be open now. */
  wake(): void {
    if (!this.isOpen()) return;
    this.turn ??= setImmediate(() => {
      this.turn = undefined;
      this.takeTurn();
    });
  }

  /** Handles all that waits, open or not: before the end. */
  drain(): void {
    clearImmediate(this.turn);
    this.turn = undefined;
    this.handledThisTurn = 0;
    this.handleUpTo(Infinity);
  }

  private takeTurn(): void {
    this.handledThisTurn = 0;
    if (this.isOpen()) this.handleUpTo(MESSAGES_PER_TURN);
    if (this.waiting.length > 0) this.wake();
  }

  private handleUpTo(count: number): void {
    for (let handled = 0; handled < count; handled += 1) {
      const item = this.waiting[this.next];
      if (item === undefined) break;
      this.next += 1;
      this.handle(item);
    }
    if (2 * this.next < this.waiting.length) return;
    this.waiting = this.waiting.slice(this.next);
    this.next = 0;
  }
}
