import type { Listing } from './table.js';

/** A row that knows when it came: a higher number is newer. */
export interface Sequenced {
  readonly sequence: number;
}

/** Whether a row came before another: the order of a first-in, first-out queue. */
export function cameBefore(a: Sequenced, b: Sequenced): boolean {
  return a.sequence < b.sequence;
}

/** The `limit` newest of some rows, the newest first. Fast where the rows are nearly in order already. */
export function newestBySequence<Row extends Sequenced>(rows: Row[], limit: number): Listing<Row> {
  const ascending = [...rows].sort((a, b) => a.sequence - b.sequence);
  return { total: rows.length, rows: ascending.slice(Math.max(0, rows.length - limit)).reverse() };
}
