import { RedlinkError } from '../support/errors.js';

/** What a column may hold: any text, any number but NaN, a boolean, or one of a few texts. */
type ColumnKind<Value> = [Value] extends [boolean]
  ? 'boolean'
  : [Value] extends [number]
    ? 'number'
    : string extends Value
      ? 'text'
      : readonly Value[];

/** One kind for each column of a row type: the compiler finds a missing, a surplus and a wrong one. */
export type Columns<Row> = { readonly [Name in keyof Row]: ColumnKind<Row[Name]> };

/** The values that a row is made of. AlaSQL gets nothing else: an object would be kept by reference. */
export type Primitive = string | number | boolean;

/** A column as AlaSQL is told of it. */
export interface ColumnDeclaration {
  readonly name: string;
  readonly type: 'STRING' | 'NUMBER' | 'BOOLEAN';
}

/** A column as a value is held against it. */
interface Column<Row> {
  readonly name: keyof Row & string;
  readonly type: 'string' | 'number' | 'boolean';
  /** The only texts allowed; undefined: any. */
  readonly texts: ReadonlySet<unknown> | undefined;
}

const SQL_TYPES = { string: 'STRING', number: 'NUMBER', boolean: 'BOOLEAN' } as const;

/** Table and column names become part of SQL texts: they come from this source code and look like this. */
const IDENTIFIER = /^[A-Za-z]\w*$/;

/**
 * What a table is like: its name, its columns, and what makes a row unique. It is also the check of
 * what comes back out of AlaSQL, where SQL of somebody else may have put anything.
 */
export class TableSchema<Row extends object> {
  private readonly columns: readonly Column<Row>[];

  /**
   * @param name name of the table in AlaSQL; the names are those of redlink 3.0.5
   * @param columns the columns in the order in which users see them
   * @param keyOf the text that is unique to a row; made of columns that never change
   */
  constructor(
    readonly name: string,
    columns: Columns<Row>,
    readonly keyOf: (row: Row) => string,
  ) {
    const list: Column<Row>[] = [];
    for (const column in columns) {
      list.push(columnOf<Row>(column, columns[column]));
    }
    for (const identifier of [name, ...list.map((column) => column.name)]) {
      if (!IDENTIFIER.test(identifier)) {
        throw new RedlinkError('BAD_CONFIGURATION', `"${identifier}" cannot name a table or a column`);
      }
    }
    this.columns = list;
  }

  /** The columns for CREATE TABLE and INSERT. */
  declarations(): ColumnDeclaration[] {
    return this.columns.map(({ name, type }) => ({ name, type: SQL_TYPES[type] }));
  }

  /** Whether a value out of AlaSQL is a row of this table, column by column. */
  isRow(value: unknown): value is Row {
    if (!isRecord(value)) return false;
    for (const column of this.columns) {
      if (!fits(value[column.name], column)) return false;
    }
    return true;
  }

  /**
   * The values of a row in the order of {@link declarations}.
   * @throws RedlinkError `BAD_REQUEST` naming the column whose value is of the wrong kind.
   */
  valuesOf(row: Row): Primitive[] {
    const values: Primitive[] = [];
    for (const column of this.columns) {
      const value: unknown = row[column.name];
      if (!isPrimitive(value) || !fits(value, column)) {
        throw new RedlinkError(
          'BAD_REQUEST',
          `Table ${this.name}: column ${column.name} cannot hold ${typeof value}`,
        );
      }
      values.push(value);
    }
    return values;
  }
}

function columnOf<Row>(name: keyof Row & string, kind: string | readonly unknown[]): Column<Row> {
  if (typeof kind !== 'string') return { name, type: 'string', texts: new Set(kind) };
  return { name, type: kind === 'number' || kind === 'boolean' ? kind : 'string', texts: undefined };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isPrimitive(value: unknown): value is Primitive {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** NaN is what AlaSQL makes of a missing number; it compares with nothing and would ruin every order. */
function fits(value: unknown, column: Column<never>): boolean {
  if (typeof value !== column.type || Number.isNaN(value)) return false;
  return column.texts === undefined || column.texts.has(value);
}
