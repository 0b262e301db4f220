/**
 * Something computed from the rows of one table and kept up to date with it: a queue, groups, a sum.
 * It holds nothing that cannot be computed anew from the rows. Where it put a row is its answer and
 * comes back with the next call for that row: the table remembers it beside the row, which saves
 * the index a Map of its own.
 */
export interface DerivedIndex<Row> {
  /** The row has come into the table. @returns where it was put; undefined: nowhere */
  added(row: Row): string | undefined;
  /** Columns of the row have changed in place. @returns where it is now */
  changed(row: Row, place: string | undefined): string | undefined;
  /** The row has left the table. */
  removed(row: Row, place: string | undefined): void;
  /** All rows have left the table. */
  cleared(): void;
}
