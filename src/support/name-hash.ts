/** The prime and the offset of FNV-1a with 32 bits. */
const PRIME = 0x01000193;
const OFFSET = 0x811c9dc5;

/**
 * A number from 0 to 2^32 - 1 for some names: the same each time, and without any pattern over different
 * names (FNV-1a). For choices that should differ from store to store; not for anything secret.
 */
export function nameHash(...names: readonly string[]): number {
  let hash = OFFSET;
  for (const name of names) {
    for (let place = 0; place < name.length; place += 1) hash = mixed(hash, name.charCodeAt(place));
    // Keeps ('ab', 'c') from being ('a', 'bc').
    hash = mixed(hash, 0);
  }
  // The low bits of the last characters have not reached the high ones yet.
  return (hash ^ (hash >>> 15)) >>> 0;
}

function mixed(hash: number, code: number): number {
  return Math.imul(hash ^ code, PRIME) >>> 0;
}
