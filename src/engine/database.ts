import alasql from 'alasql';
import { RedlinkError } from '../support/errors.js';
import { execute, parseOnce } from './parsed-sql.js';
import type { ColumnDeclaration, Primitive } from './table-schema.js';

/** The rows of one AlaSQL table. AlaSQL puts a new array here when a DELETE with WHERE or a TRUNCATE runs. */
export interface TableRecord {
  readonly data: unknown[];
}

/** Puts one row into a table. Values go in the order of the columns given to `createTable`. */
export type InsertValues = (values: readonly Primitive[]) => void;

/** After which statements a trigger runs. */
export type TriggerEvent = 'INSERT' | 'UPDATE' | 'DELETE';

/** Databases made in this process so far: the next one's name. */
let databasesMade = 0;

/**
 * One AlaSQL database, and the only place that speaks SQL. AlaSQL pastes names into code that it
 * generates and lets SQL run JavaScript; so every name here is generated or written in this source
 * code, every statement is a constant, and data only ever takes the place of a `?` (DEFECTS 29).
 */
export class Database {
  /** Generated, never a store's name. */
  readonly name: string;
  private readonly triggerFunctions: string[] = [];
  private closed = false;

  constructor() {
    // The constructor enters itself into `alasql.databases`.
    this.name = new alasql.Database(unusedName()).databaseid;
  }

  /** Makes a table without PRIMARY KEY or index: AlaSQL's leak, and speed nothing up. */
  createTable(table: string, columns: readonly ColumnDeclaration[]): TableRecord {
    const declarations = columns.map(({ name, type }) => `\`${name}\` ${type}`).join(', ');
    execute(parseOnce(`CREATE TABLE \`${table}\` (${declarations})`), this.name);
    const record = alasql.databases[this.name]?.tables[table];
    if (record === undefined) throw new RedlinkError('BAD_CONFIGURATION', `AlaSQL made no table ${table}`);
    return record;
  }

  /**
   * Compiles the INSERT of a table. Compiled once, since a text that runs each time is 300 times
   * slower, and since AlaSQL's statement cache compares hashes, not texts.
   */
  prepareInsert(table: string, columns: readonly ColumnDeclaration[]): InsertValues {
    const names = columns.map(({ name }) => `\`${name}\``).join(', ');
    const places = columns.map(() => '?').join(', ');
    const statement = parseOnce(`INSERT INTO \`${table}\` (${names}) VALUES (${places})`).compile(this.name);
    return (values) => {
      if (this.closed) throw new RedlinkError('CLOSED', `The database of table ${table} is closed`);
      statement(values);
    };
  }

  /**
   * Calls `run` with each row after a statement has changed it, in the middle of that statement.
   * `run` must not throw: AlaSQL would keep the row and leave out the rest of the statement.
   * No trigger fires for DELETE without WHERE, TRUNCATE, SELECT INTO and INSERT DEFAULT VALUES.
   */
  addTrigger(table: string, event: TriggerEvent, run: (row: unknown) => void): void {
    const name = `${this.name}_${table}_${event}`;
    alasql.fn[name] = run;
    this.triggerFunctions.push(name);
    // One text for all databases; the names are put in after parsing, and AlaSQL copies them out again.
    const statement = parseOnce(`CREATE TRIGGER redlink AFTER ${event} ON \`${table}\` redlink`);
    Object.assign(statement, { trigger: name, funcid: name });
    execute(statement, this.name);
  }

  /** Forgets the database and all that AlaSQL holds globally for it. Inserts are refused from now on. */
  close(): void {
    this.closed = true;
    for (const name of this.triggerFunctions) Reflect.deleteProperty(alasql.fn, name);
    Reflect.deleteProperty(alasql.databases, this.name);
  }
}

/** AlaSQL is shared by the process: another copy of this module may have counted up to the same name. */
function unusedName(): string {
  let name: string;
  do {
    databasesMade += 1;
    name = `redlink${databasesMade}`;
  } while (name in alasql.databases);
  return name;
}
