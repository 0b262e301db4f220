/**
 * Reads what an editor form, an imported flow or an environment variable may have put into a
 * property: numbers as text, booleans as text, blanks (NODES.md).
 */

/** A number, or the default where the value is blank or none. */
export function numberOr(value: unknown, fallback: number): number {
  if (typeof value === 'number') return Number.isFinite(value) ? value : fallback;
  if (typeof value !== 'string' || value.trim() === '') return fallback;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : fallback;
}

/** A boolean; the texts `true` and `false` count as such. */
export function booleanOr(value: unknown, fallback: boolean): boolean {
  if (typeof value === 'boolean') return value;
  if (value === 'true') return true;
  if (value === 'false') return false;
  return fallback;
}

/** A text without blanks around it; numbers become text. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' ? String(value) : '';
}

/** A list of texts, given as an array or as one text with commas; blanks are left out. */
export function textsOf(value: unknown): string[] {
  const parts: unknown[] = Array.isArray(value) ? value : textOf(value).split(',');
  return parts.map(textOf).filter((part) => part !== '');
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
