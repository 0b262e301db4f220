/** The answer to one verb of a batch. */
export interface BatchAnswer {
  /** With its line feed. */
  readonly line: string;
  /** Called once: whether the line went out. */
  readonly sent?: ((delivered: boolean) => void) | undefined;
}

/**
 * The answers to a batch as a body: each goes out as soon as it is there, those that are there together as one
 * piece. Not a generator: its `return()` must take effect at once, even while a `next()` waits.
 */
export class AnswerStream implements AsyncIterable<Uint8Array> {
  private ready: BatchAnswer[] = [];
  /** Handed to the network; known to have passed when the next piece is asked for. */
  private passing: readonly BatchAnswer[] = [];
  private left = false;
  private wake: (() => void) | undefined;
  private readonly allReady: Promise<void>;
  private signalAllReady: () => void = () => undefined;

  /** @param missing how many answers are to come. */
  constructor(private missing: number) {
    this.allReady = new Promise((resolve) => {
      this.signalAllReady = resolve;
    });
  }

  add(answer: BatchAnswer): void {
    this.missing -= 1;
    if (this.missing === 0) this.signalAllReady();
    if (this.left) {
      answer.sent?.(false);
      return;
    }
    this.ready.push(answer);
    this.wake?.();
  }

  /** All answers, where they are there before `patience` ends; undefined where some take longer. */
  async allWithin(patience: Promise<void>): Promise<readonly BatchAnswer[] | undefined> {
    await Promise.race([this.allReady, patience]);
    return this.missing > 0 ? undefined : this.takeReady();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return {
      next: () => this.next(),
      return: async () => {
        this.leave();
        return { done: true, value: undefined };
      },
    };
  }

  private async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    tellSent(this.passing, true);
    this.passing = [];
    while (this.ready.length === 0 && this.missing > 0 && !this.left) await this.change();
    if (this.ready.length === 0) return { done: true, value: undefined };
    this.passing = this.takeReady();
    return { done: false, value: Buffer.from(textOf(this.passing), 'utf8') };
  }

  private async change(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    this.wake = undefined;
  }

  private takeReady(): readonly BatchAnswer[] {
    const taken = this.ready;
    this.ready = [];
    return taken;
  }

  private leave(): void {
    this.left = true;
    tellSent(this.passing, false);
    tellSent(this.takeReady(), false);
    this.passing = [];
    this.wake?.();
  }
}

export function textOf(answers: readonly BatchAnswer[]): string {
  return answers.map(({ line }) => line).join('');
}

export function tellSent(answers: readonly BatchAnswer[], delivered: boolean): void {
  for (const answer of answers) answer.sent?.(delivered);
}
