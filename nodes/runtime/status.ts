import type { NodeStatus } from 'node-red';

/** Shortest time between two statuses of a node, ms: a person sees no more, and the editor's connection stays free. */
const STATUS_INTERVAL_MS = 250;

/** Shows a node's status at most every {@link STATUS_INTERVAL_MS}, the last one always, the same one never twice. */
export class StatusLine {
  private shown = '';
  private timer: NodeJS.Timeout | undefined;
  private shownAt = -Infinity;

  constructor(
    private readonly show: (status: NodeStatus) => void,
    private readonly current: () => NodeStatus,
  ) {}

  /** Something may have changed. */
  update(): void {
    if (this.timer !== undefined) return;
    const wait = this.shownAt + STATUS_INTERVAL_MS - performance.now();
    if (wait <= 0) {
      this.showNow();
      return;
    }
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.showNow();
    }, wait);
    this.timer.unref();
  }

  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private showNow(): void {
    this.shownAt = performance.now();
    const status = this.current();
    const text = JSON.stringify(status);
    if (text === this.shown) return;
    this.shown = text;
    this.show(status);
  }
}
