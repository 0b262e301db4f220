/**
 * One text for several, never the same for different ones: `["a", "b:c"]` and `["a:b", "c"]` differ,
 * because every part is preceded by its length.
 */
export function compoundKey(...parts: readonly string[]): string {
  let key = '';
  for (const part of parts) key += `${part.length}:${part}`;
  return key;
}
