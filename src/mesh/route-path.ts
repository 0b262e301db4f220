import type { RouteRow } from '../engine/rows.js';

/** Parsed once per row and text: each advertisement is held against every neighbour. */
const parsed = new WeakMap<RouteRow, { readonly text: string; readonly stores: readonly string[] }>();

/** Names of the stores that a route passes, the origin first, the neighbour last; empty where it is not known. */
export function storesPassed(row: RouteRow): readonly string[] {
  const known = parsed.get(row);
  if (known?.text === row.path) return known.stores;
  const stores = row.path === '' ? [] : parse(row.path);
  parsed.set(row, { text: row.path, stores });
  return stores;
}

function parse(text: string): readonly string[] {
  const value: unknown = JSON.parse(text);
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}
