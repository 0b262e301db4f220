import alasql from 'alasql';
import { RedlinkError } from '../support/errors.js';

/** A statement as AlaSQL has parsed it. */
export type ParsedStatement = ReturnType<typeof alasql.parse>['statements'][number];

/** By text, compared letter by letter: AlaSQL's own cache compares hashes. */
const parsedStatements = new Map<string, ParsedStatement>();

/**
 * Parses a constant text once per process: that takes AlaSQL far longer than all the rest of making
 * an engine, and a simulation makes hundreds. Parsed statements belong to no database; compiling or
 * executing one changes nothing in it.
 */
export function parseOnce(sql: string): ParsedStatement {
  const known = parsedStatements.get(sql);
  if (known !== undefined) return known;
  const [statement] = alasql.parse(sql).statements;
  if (statement === undefined)
    throw new RedlinkError('BAD_CONFIGURATION', `AlaSQL finds no statement in: ${sql}`);
  parsedStatements.set(sql, statement);
  return statement;
}

/** Runs a statement that AlaSQL does not compile: CREATE TABLE, CREATE TRIGGER. */
export function execute(statement: ParsedStatement, databaseName: string): void {
  const { execute: run } = statement;
  if (typeof run !== 'function')
    throw new RedlinkError('BAD_CONFIGURATION', 'AlaSQL cannot execute a statement');
  Reflect.apply(run, statement, [databaseName]);
}
