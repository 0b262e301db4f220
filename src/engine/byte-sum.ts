import type { DerivedIndex } from './derived-index.js';

/** A row that knows its size. The size never changes. */
interface Sized {
  readonly byteLength: number;
}

/** The sum of the sizes of all rows, bytes. */
export class ByteSum implements DerivedIndex<Sized> {
  private sum = 0;

  get bytes(): number {
    return this.sum;
  }

  added(row: Sized): undefined {
    this.sum += row.byteLength;
  }

  /** Nothing to do: the size is not among what changes. */
  changed(): undefined {
    return;
  }

  removed(row: Sized): void {
    this.sum -= row.byteLength;
  }

  cleared(): void {
    this.sum = 0;
  }
}
