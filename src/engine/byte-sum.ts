import type { DerivedIndex } from './derived-index.js';

/** The sum of the sizes of all rows, bytes. A row's size never changes. */
export class ByteSum implements DerivedIndex<{ readonly byteLength: number }> {
  private sum = 0;

  get bytes(): number {
    return this.sum;
  }

  added(row: { readonly byteLength: number }): void {
    this.sum += row.byteLength;
  }

  /** Nothing to do: the size is not among what changes. */
  changed(): void {
    return;
  }

  removed(row: { readonly byteLength: number }): void {
    this.sum -= row.byteLength;
  }

  cleared(): void {
    this.sum = 0;
  }
}
