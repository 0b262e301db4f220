import alasql from 'alasql';
import type { Engine } from '../../src/engine/engine.js';

/** Runs SQL on an engine's database as somebody outside Redlink would, past all that the engine knows. */
export function foreignSql(engine: Engine, sql: string, params: readonly unknown[] = []): unknown {
  const database: unknown = alasql.databases[engine.databaseName];
  if (!(database instanceof alasql.Database)) throw new TypeError('The engine has no database');
  return database.exec(sql, [...params]);
}

/** The texts of one column that a SELECT gives, in its order. */
export function selectTexts(
  engine: Engine,
  column: string,
  rest: string,
  params: readonly unknown[] = [],
): string[] {
  const rows = foreignSql(engine, `SELECT COLUMN \`${column}\` FROM ${rest}`, params);
  if (!Array.isArray(rows)) throw new TypeError('SELECT gave no rows');
  return rows.map(String);
}

/** The one number that a SELECT gives; a sum over no rows is 0. */
export function selectNumber(engine: Engine, expression: string, rest: string): number {
  return Number(foreignSql(engine, `SELECT VALUE ${expression} FROM ${rest}`) ?? 0);
}

/** Names of all databases and functions that AlaSQL holds for the whole process. */
export function alasqlGlobals(): string[] {
  return [...Object.keys(alasql.databases), ...Object.keys(alasql.fn)].sort();
}
