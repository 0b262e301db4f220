/**
 * Something computed from the rows of one table and kept up to date with it: a queue, groups, a sum.
 * It holds nothing that cannot be computed anew from the rows.
 */
export interface DerivedIndex<Row> {
  /** The row has come into the table. */
  added(row: Row): void;
  /** Columns of the row have changed in place. */
  changed(row: Row): void;
  /** The row has left the table. */
  removed(row: Row): void;
  /** All rows have left the table. */
  cleared(): void;
}
