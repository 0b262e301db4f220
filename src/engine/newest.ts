import type { Sequenced } from './sequence-queue.js';
import type { Listing } from './table.js';

/** The `limit` newest of some rows, the newest first. Fast where the rows are nearly in order already. */
export function newestBySequence<Row extends Sequenced>(rows: readonly Row[], limit: number): Listing<Row> {
  const ascending = [...rows].sort((a, b) => a.sequence - b.sequence);
  return { total: rows.length, rows: ascending.slice(Math.max(0, rows.length - limit)).reverse() };
}
