/** A row that knows when it came: a higher number is newer. */
export interface Sequenced {
  readonly sequence: number;
}

/** Queues up to this length are never compacted: not worth the walk. Places. */
const COMPACT_ABOVE = 64;

/**
 * A queue in the order of the rows' sequence numbers, from which any row can be taken out and to
 * which it can come back, into its own place. New rows have the highest number and old ones leave at
 * the head, so both ends cost O(1) at any length; elsewhere it is a binary search. (A heap costs
 * O(log n) at the head, each step a cache miss in a long queue.)
 */
export class SequenceQueue<Row extends Sequenced> {
  /** Rows in order; undefined where one was taken out. Nothing but that before {@link head}. */
  private places: (Row | undefined)[] = [];
  /** The sequence number of each place, of empty ones too, so that the search can step on them. */
  private sequences: number[] = [];
  private head = 0;
  private rows = 0;

  get size(): number {
    return this.rows;
  }

  /** Puts a row that is not in the queue into its place. */
  add(row: Row): void {
    const newest = this.sequences.at(-1);
    if (newest === undefined || row.sequence >= newest) {
      this.places.push(row);
      this.sequences.push(row.sequence);
    } else {
      this.putBetween(row);
    }
    this.rows += 1;
  }

  /** Takes a row out, wherever it stands. @returns whether it was in the queue */
  delete(row: Row): boolean {
    const place = this.placeOf(row);
    if (place === undefined) return false;
    this.places[place] = undefined;
    this.rows -= 1;
    if (this.rows === 0) this.reset([]);
    else if (this.places.length > COMPACT_ABOVE && this.places.length > 2 * this.rows)
      this.reset(this.inOrder());
    else if (place === this.head) this.skipEmpty();
    return true;
  }

  /** The row with the lowest number; it stays in. */
  first(): Row | undefined {
    return this.places[this.head];
  }

  /** All rows in order. A copy. */
  inOrder(): Row[] {
    return this.places.filter((row) => row !== undefined);
  }

  private putBetween(row: Row): void {
    const place = this.firstPlaceFrom(row.sequence);
    if (place > 0 && place <= this.head) {
      // The usual case: a row that was taken from the head comes back.
      this.places[place - 1] = row;
      this.sequences[place - 1] = row.sequence;
      this.head = place - 1;
      return;
    }
    this.places.splice(place, 0, row);
    this.sequences.splice(place, 0, row.sequence);
    this.head = Math.min(this.head, place);
  }

  /** The first place whose number is not lower. */
  private firstPlaceFrom(sequence: number): number {
    let low = 0;
    let high = this.sequences.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.sequences[middle] ?? Infinity) < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private placeOf(row: Row): number | undefined {
    if (this.places[this.head] === row) return this.head;
    for (let place = this.firstPlaceFrom(row.sequence); this.sequences[place] === row.sequence; place += 1) {
      if (this.places[place] === row) return place;
    }
    return undefined;
  }

  private skipEmpty(): void {
    while (this.places[this.head] === undefined) this.head += 1;
  }

  private reset(rows: Row[]): void {
    this.places = rows;
    this.sequences = rows.map((row) => row.sequence);
    this.head = 0;
  }
}
