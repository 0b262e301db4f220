import type { JsonPath, Restore } from '../payload-source.js';
import { MAX_RESTORE_CHARS } from '../limits.js';
import { isRecord } from './json-body.js';

/** What JSON loses of a value (`Restore`), as new stores tell each other. */

/** Steps of one path: JSON of a message is never nested so deep that a person would have made it. */
const MAX_STEPS = 10_000;

/** Paths and steps of all hints together: those of {@link MAX_RESTORE_CHARS}, in which each takes two characters. */
const MAX_PLACES = MAX_RESTORE_CHARS / 2;

/** Hints as they travel: none where there are none, or too many of them ({@link MAX_RESTORE_CHARS}). */
export function hintsToWire(restore: Restore | undefined): Restore | undefined {
  if (restore === undefined) return undefined;
  return JSON.stringify(restore).length <= MAX_RESTORE_CHARS ? restore : undefined;
}

/**
 * Hints from the network, rebuilt from what is understood. They are only hints: bad ones count as
 * none, and the value then is what JSON says. Not by a schema: there may be thousands of paths.
 */
export function hintsFromWire(wire: unknown): Restore | undefined {
  if (!isRecord(wire)) return undefined;
  const buffers = pathsFromWire(wire['buffers']);
  const dates = pathsFromWire(wire['dates']);
  const isUndefined = wire['isUndefined'] === true;
  if (placesIn(buffers) + placesIn(dates) > MAX_PLACES) return undefined;
  if (!isUndefined && buffers === undefined && dates === undefined) return undefined;
  return {
    ...(isUndefined ? { isUndefined } : {}),
    ...(buffers === undefined ? {} : { buffers }),
    ...(dates === undefined ? {} : { dates }),
  };
}

function pathsFromWire(wire: unknown): readonly JsonPath[] | undefined {
  return Array.isArray(wire) && wire.every(isPath) ? wire : undefined;
}

function placesIn(paths: readonly JsonPath[] | undefined): number {
  return (paths ?? []).reduce((places, path) => places + 1 + path.length, 0);
}

function isPath(wire: unknown): wire is JsonPath {
  return Array.isArray(wire) && wire.length <= MAX_STEPS && wire.every(isStep);
}

function isStep(wire: unknown): wire is string | number {
  return typeof wire === 'string' || (typeof wire === 'number' && Number.isInteger(wire) && wire >= 0);
}
