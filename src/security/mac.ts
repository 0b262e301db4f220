import { createHmac, timingSafeEqual } from 'node:crypto';
import type { MeshKey } from './mesh-key.js';

/** Bytes of a message authentication code (HMAC-SHA256). */
export const MAC_BYTES = 32;

/**
 * The code over some texts, in their order. `purpose` keeps a code made for one thing from being taken for
 * another. Texts hold no line feeds: names are checked, all else is encoded.
 */
export function macOf(key: MeshKey, purpose: string, texts: readonly string[]): string {
  return createHmac('sha256', key.secret)
    .update([purpose, ...texts].join('\n'))
    .digest('base64url');
}

/** Compares in a time that says nothing of where two codes differ. */
export function sameMac(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
