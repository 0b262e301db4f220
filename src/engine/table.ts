import { RedlinkError } from '../support/errors.js';
import type { Log } from '../support/log.js';
import type { Database, InsertValues, TableRecord } from './database.js';
import type { DerivedIndex } from './derived-index.js';
import type { Dispatcher } from './dispatcher.js';
import type { TableSchema } from './table-schema.js';

/** What all tables of one engine share. */
export interface TableContext {
  readonly database: Database;
  readonly dispatcher: Dispatcher;
  readonly log: Log;
}

/** A bounded list: the newest rows first, and how many there are in all. */
export interface Listing<Row> {
  readonly total: number;
  readonly rows: Row[];
}

/** A row and where it lies in AlaSQL's array. */
interface Slot<Row> {
  readonly row: Row;
  position: number;
  /** Where each derived index put it, in the order of the indexes. */
  readonly places: (string | undefined)[];
}

/**
 * One AlaSQL table with an index by key, since AlaSQL itself would look at every row. The rows are
 * the very objects that lie in AlaSQL's array: `get` gives them out, `update` changes them in place,
 * `remove` moves the last one into the gap. SQL sees all of it at once.
 *
 * Triggers keep index and derived indexes current. SQL run on the database by somebody else may
 * bypass them, or put new objects in place of rows; each call checks for that and, where it
 * happened, computes everything anew from the rows. So do not hold on to a row across other work:
 * hold its key.
 */
export class Table<Row extends object> {
  private readonly record: TableRecord;
  private readonly insertValues: InsertValues;
  private readonly byKey = new Map<string, Slot<Row>>();
  /** The same slots in the order of AlaSQL's array. */
  private slots: Slot<Row>[] = [];
  private stale = false;
  private readonly derived: DerivedIndex<Row>[] = [];
  private readonly insertHandlers: ((row: Row) => void)[] = [];

  constructor(
    protected readonly context: TableContext,
    private readonly schema: TableSchema<Row>,
  ) {
    const { database } = context;
    const columns = schema.declarations();
    this.record = database.createTable(schema.name, columns);
    this.insertValues = database.prepareInsert(schema.name, columns);
    database.addTrigger(schema.name, 'INSERT', (row) => {
      this.rowInserted(row);
    });
    // Redlink itself never runs UPDATE or DELETE: these fire for foreign SQL alone.
    database.addTrigger(schema.name, 'UPDATE', () => {
      this.stale = true;
    });
    database.addTrigger(schema.name, 'DELETE', () => {
      this.stale = true;
    });
  }

  get size(): number {
    this.settle();
    return this.slots.length;
  }

  /**
   * Puts a row in and gives back the object that now stands for it in the table.
   * @throws RedlinkError `BAD_REQUEST` where the key is taken or a value does not fit its column,
   * `CLOSED` after the engine was closed.
   */
  insert(row: Row): Row {
    this.settle();
    const values = this.schema.valuesOf(row);
    const key = this.schema.keyOf(row);
    if (this.byKey.has(key)) {
      throw new RedlinkError(
        'BAD_REQUEST',
        `Table ${this.schema.name} already has a row with the key ${key}`,
      );
    }
    this.context.dispatcher.hold();
    try {
      this.insertValues(values);
      const slot = this.byKey.get(key);
      if (slot === undefined) {
        throw new RedlinkError(
          'BAD_REQUEST',
          `Table ${this.schema.name} did not take the row with the key ${key}`,
        );
      }
      return slot.row;
    } finally {
      this.context.dispatcher.release();
    }
  }

  get(key: string): Row | undefined {
    return this.locate(key)?.row;
  }

  has(key: string): boolean {
    return this.locate(key) !== undefined;
  }

  /**
   * Changes columns of a row, given by itself or its key, in place and brings the derived indexes up
   * to date. Undefined: there is no such row. A column that no index looks at may be set directly.
   */
  update(target: Row | string, change: (row: Row) => void): Row | undefined {
    const slot = this.locate(target);
    if (slot === undefined) return undefined;
    try {
      change(slot.row);
    } finally {
      this.derived.forEach((index, nth) => {
        slot.places[nth] = index.changed(slot.row, slot.places[nth]);
      });
    }
    return slot.row;
  }

  /** Takes a row, given by itself or its key, out and gives it back. Undefined: there is no such row. */
  remove(target: Row | string): Row | undefined {
    const slot = this.locate(target);
    if (slot === undefined) return undefined;
    const lastRow = this.record.data.pop();
    const lastSlot = this.slots.pop();
    if (lastSlot !== undefined && lastSlot !== slot) {
      this.record.data[slot.position] = lastRow;
      this.slots[slot.position] = lastSlot;
      lastSlot.position = slot.position;
    }
    this.byKey.delete(this.schema.keyOf(slot.row));
    this.derived.forEach((index, nth) => {
      index.removed(slot.row, slot.places[nth]);
    });
    return slot.row;
  }

  /** Takes all rows out. */
  clear(): void {
    this.record.data.length = 0;
    this.forgetIndexes();
  }

  /** All rows in the order of their coming. A copy: rows may come and go while it is walked. */
  rows(): Row[] {
    this.settle();
    return Array.from(this.byKey.values(), (slot) => slot.row);
  }

  /** The `limit` rows that came last, the newest first. */
  newest(limit: number): Listing<Row> {
    const rows = this.rows();
    return { total: rows.length, rows: rows.slice(Math.max(0, rows.length - limit)).reverse() };
  }

  /**
   * Calls `handler` with each row that an INSERT puts in, whoever runs it, right after the
   * statement. A handler may use the table; it should hand real work over to its own loop.
   */
  onInsert(handler: (row: Row) => void): void {
    this.insertHandlers.push(handler);
  }

  /**
   * Computes the index and all derived indexes anew from the rows that AlaSQL holds. A row that
   * nothing can use (a value of the wrong kind, a key for the second time) is taken out and logged.
   */
  rebuild(): void {
    this.forgetIndexes();
    const { data } = this.record;
    let dropped = 0;
    for (const value of data) {
      if (this.schema.isRow(value) && !this.byKey.has(this.schema.keyOf(value))) this.admit(value);
      else dropped += 1;
    }
    if (dropped > 0) {
      data.splice(0, data.length);
      for (const slot of this.slots) data.push(slot.row);
      this.context.log.error(
        `Table ${this.schema.name}: took out ${dropped} rows that foreign SQL had spoilt`,
      );
    }
    this.rebuilt();
  }

  /** For a table that keeps more than rows: its own index, empty as the table is. */
  protected derive<Index extends DerivedIndex<Row>>(index: Index): Index {
    this.derived.push(index);
    return index;
  }

  /** Called inside the INSERT trigger with each row that came in: must not throw, only post. */
  protected arrived(row: Row): void;
  protected arrived(): void {
    return;
  }

  /** Called after {@link rebuild}: rows may have appeared without a trigger. */
  protected rebuilt(): void {
    return;
  }

  /** To be called before anything is read from an index: rebuilds them after foreign SQL. */
  protected settle(): void {
    if (!this.describes(this.record.data.length)) this.rebuild();
  }

  /** Whether the indexes are those of the first `length` rows of the table, as far as can be told at once. */
  private describes(length: number): boolean {
    if (this.stale || this.slots.length !== length) return false;
    // DELETE without WHERE and SELECT INTO fire no trigger, but they put another object at the end.
    return length === 0 || this.record.data[length - 1] === this.slots[length - 1]?.row;
  }

  private locate(target: Row | string): Slot<Row> | undefined {
    this.settle();
    const key = typeof target === 'string' ? target : this.schema.keyOf(target);
    const slot = this.byKey.get(key);
    if (slot === undefined || this.record.data[slot.position] === slot.row) return slot;
    this.rebuild();
    return this.byKey.get(key);
  }

  /** The INSERT trigger: runs inside an AlaSQL statement and must not throw. */
  private rowInserted(value: unknown): void {
    const { data } = this.record;
    if (!this.schema.isRow(value) || this.byKey.has(this.schema.keyOf(value))) {
      this.stale = true;
      return;
    }
    if (data[data.length - 1] === value && this.describes(data.length - 1)) this.admit(value);
    else this.stale = true;
    this.arrived(value);
    for (const handler of this.insertHandlers) {
      this.context.dispatcher.post(() => {
        handler(value);
      });
    }
  }

  private admit(row: Row): void {
    const places = this.derived.map((index) => index.added(row));
    const slot = { row, position: this.slots.length, places };
    this.slots.push(slot);
    this.byKey.set(this.schema.keyOf(row), slot);
  }

  private forgetIndexes(): void {
    this.slots = [];
    this.byKey.clear();
    for (const index of this.derived) index.cleared();
    this.stale = false;
  }
}
