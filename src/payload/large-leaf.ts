/**
 * Bytes of a Buffer, or characters of a string, from which on it travels on its own rather than within
 * the JSON text, where the whole message is large. Below, a part costs more than it spares.
 */
const LARGE_FROM = 16_384;

/** Whether a Buffer or a string is worth a part of its own. */
export function isLarge(leaf: Buffer | string): boolean {
  return leaf.length >= LARGE_FROM;
}

/** Whether an entry of a value is a Buffer or a string that is worth a part of its own. */
export function isLargeLeaf(entry: unknown): entry is Buffer | string {
  return (typeof entry === 'string' || Buffer.isBuffer(entry)) && isLarge(entry);
}
