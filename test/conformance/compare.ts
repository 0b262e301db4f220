import { certainlyEncoded } from './codec.js';
import { isObject, type Json } from './json.js';

/** One place where a value of ours is not what 3.0.5 had there. */
export interface Mismatch {
  /** Way to the field, as in `notifyPath.0.port`; empty for the whole. */
  readonly field: string;
  /** Undefined where 3.0.5 had no such field. */
  readonly recorded: Json | undefined;
  /** Undefined where we have no such field. */
  readonly ours: Json | undefined;
}

/**
 * Fields whose values are ids of Node-RED's own, moments, or measured durations: their type counts, their
 * value cannot. `enm` is not among them, it is counted and not measured.
 */
const UNREPEATABLE = new Set([
  '_msgid',
  'ecm',
  'erm',
  'lifetime',
  'notifyReadDelay',
  'notifyTime',
  'readDelay',
  'readTransport',
  'replyDelay',
  'timeSinceNotify',
  'timesincenotify',
  'timestamp',
  'ttl',
]);

/** How a recording shortens long texts: the beginning, an ellipsis, the length of the whole. */
const SHORTENED = /^(.*)…\[(\d+) characters\]$/s;

/** Compares field by field and type by type; the order of fields does not count, that of array items does. */
export function compare(recorded: Json | undefined, ours: Json | undefined, field = ''): Mismatch[] {
  if (isObject(recorded) && isObject(ours)) {
    const keys = new Set([...Object.keys(recorded), ...Object.keys(ours)]);
    return [...keys].flatMap((key) =>
      UNREPEATABLE.has(key) && typeof recorded[key] === typeof ours[key]
        ? []
        : compare(recorded[key], ours[key], field === '' ? key : `${field}.${key}`),
    );
  }
  if (Array.isArray(recorded) && Array.isArray(ours)) {
    const length = Math.max(recorded.length, ours.length);
    return Array.from({ length }, (_, index) =>
      compare(recorded[index], ours[index], field === '' ? String(index) : `${field}.${index}`),
    ).flat();
  }
  if (typeof recorded === 'string' && typeof ours === 'string') {
    return sameText(recorded, ours, field);
  }
  return recorded === ours ? [] : [{ field, recorded, ours }];
}

function sameText(recorded: string, ours: string, field: string): Mismatch[] {
  if (recorded === ours) {
    return [];
  }
  const [, start, length] = SHORTENED.exec(recorded) ?? [];
  if (start !== undefined && ours.length === Number(length) && ours.startsWith(start)) {
    return [];
  }
  const before = certainlyEncoded(recorded);
  const after = certainlyEncoded(ours);
  return before !== undefined && after !== undefined
    ? compare(before.value, after.value, `decode(${field})`)
    : [{ field, recorded, ours }];
}
