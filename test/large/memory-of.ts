/** What a process holds in memory, as Linux counts it. */
import { readFileSync, writeFileSync } from 'node:fs';

const BYTES_PER_KB = 1024;

/** Watches the memory of one process, from when it is idle on. */
export class MemoryOf {
  private readonly idle: number;

  constructor(private readonly pid: number) {
    this.idle = this.read('VmRSS');
  }

  /** From here on the peak is counted anew. */
  begin(): void {
    // proc(5): "5" resets the peak of the resident set.
    writeFileSync(`/proc/${this.pid}/clear_refs`, '5');
  }

  /** The most that it has held since, bytes. */
  get peak(): number {
    return this.read('VmHWM');
  }

  /** The most that it has held since, over what it held when it was idle, bytes. */
  get grown(): number {
    return this.peak - this.idle;
  }

  private read(field: string): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
    if (found === undefined) throw new Error(`no ${field} in:\n${status}`);
    return Number(found) * BYTES_PER_KB;
  }
}
