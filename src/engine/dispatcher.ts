import { describe } from '../support/errors.js';
import type { Log } from '../support/log.js';

/**
 * Calls those who wait for rows, one after the other and never inside each other: a handler that
 * inserts a row whose handler inserts a row … stays flat (1,700 nested inserts overflow AlaSQL's
 * stack). A handler that throws is logged and harms neither the row nor the other handlers.
 */
export class Dispatcher {
  private readonly tasks: (() => void)[] = [];
  private holds = 0;
  private running = false;

  constructor(private readonly log: Log) {}

  /** Runs `task` now, or where others run or {@link hold} is in force, after them. */
  post(task: () => void): void {
    this.tasks.push(task);
    this.run();
  }

  /** Puts off everything posted until {@link release}: so that nothing runs inside an AlaSQL trigger. */
  hold(): void {
    this.holds += 1;
  }

  /** Ends one {@link hold} and runs what was posted meanwhile. */
  release(): void {
    this.holds -= 1;
    this.run();
  }

  private run(): void {
    if (this.running || this.holds > 0) return;
    this.running = true;
    try {
      // The list grows while it is walked: tasks post tasks.
      for (const task of this.tasks) this.attempt(task);
    } finally {
      this.tasks.length = 0;
      this.running = false;
    }
  }

  private attempt(task: () => void): void {
    try {
      task();
    } catch (thrown) {
      this.log.error(`A handler of a table failed: ${describe(thrown)}`);
    }
  }
}
