/** A disk of its own for a store, small enough to be filled, on a machine where tests are root. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes written at a time while it is filled: one page, so that no more than that is left. */
const PAGE_BYTES = 4_096;
/** Bytes written at a time while much is left. */
const BULK_BYTES = 1_048_576;

export class SmallDisk {
  private readonly ballast: string;

  /** Mounts it. */
  constructor(
    readonly folder: string,
    bytes: number,
  ) {
    mkdirSync(folder, { recursive: true });
    this.ballast = join(folder, 'ballast');
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]);
  }

  /** To the last page. */
  fill(): void {
    for (const bytes of [BULK_BYTES, PAGE_BYTES]) {
      try {
        for (;;) writeFileSync(this.ballast, Buffer.alloc(bytes), { flag: 'a' });
      } catch (thrown) {
        if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOSPC')) throw thrown;
      }
    }
  }

  makeRoom(): void {
    rmSync(this.ballast, { force: true });
  }

  /** Nobody can write on it; nobody may have anything open for writing. */
  protect(): void {
    execFileSync('mount', ['-o', 'remount,ro', this.folder]);
  }

  unprotect(): void {
    execFileSync('mount', ['-o', 'remount,rw', this.folder]);
  }

  unmount(): void {
    // What a process that was just killed had open must not keep it.
    execFileSync('umount', ['--lazy', this.folder]);
  }
}
