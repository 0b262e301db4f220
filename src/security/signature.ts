import { createHash } from 'node:crypto';
import { readAuthHeader, writeAuthHeader } from './auth-header.js';
import { mustBeNow } from './clock-tolerance.js';
import { macOf, sameMac } from './mac.js';
import type { KeyRing, MeshKey } from './mesh-key.js';
import { refused } from './refusal.js';

/** The signature that every request carries in mesh mode, in its header `authorization`. */

const SCHEME = 'Redlink-Signature';
const PURPOSE = 'redlink request 1';

/** Stands for the hash of a body that is sent as it is made: its code follows it (`sealed-body.ts`). */
export const SEALED = 'sealed';

/** What is signed of a request. */
export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  /** Names of the two stores, `mesh:store`. */
  readonly sender: string;
  readonly audience: string;
  /** Used once. */
  readonly nonce: string;
  /** See {@link hashOfBody}, or {@link SEALED}. */
  readonly bodyHash: string;
}

/** A signature that was found good. */
export interface Verified {
  readonly key: MeshKey;
  readonly nonce: string;
  readonly bodyHash: string;
}

export function hashOfBody(body: string | Uint8Array): string {
  return createHash('sha256').update(body).digest('base64url');
}

/** The header of a request. @param now epoch milliseconds */
export function signatureFor(key: MeshKey, request: SignedRequest, now: number): string {
  const { sender, audience, nonce, bodyHash } = request;
  const time = String(now);
  const mac = macFor(key, request, time);
  return writeAuthHeader(SCHEME, { key: key.id, sender, audience, time, nonce, body: bodyHash, mac });
}

/**
 * Checks the header of a request, all but the nonce.
 * @param expected what the receiver knows of itself, of the request, and of who sends on its connection
 * @throws RedlinkError `NOT_SIGNED`, `MESH_KEY_UNKNOWN`, `BAD_SIGNATURE`, `CLOCK_SKEW`, `WRONG_AUDIENCE`
 */
export function verifySignature(
  header: string | undefined,
  expected: Pick<SignedRequest, 'method' | 'path' | 'sender' | 'audience'>,
  keys: KeyRing,
  now: number,
): Verified {
  const said = readAuthHeader(SCHEME, header);
  if (said === undefined) throw refused('NOT_SIGNED');
  const { key: keyId = '', sender = '', audience = '', time = '', nonce = '', body = '', mac = '' } = said;
  const key = keys.find(keyId);
  if (key === undefined) throw refused('MESH_KEY_UNKNOWN');
  const { method, path } = expected;
  const good = macFor(key, { method, path, sender, audience, nonce, bodyHash: body }, time);
  if (!sameMac(mac, good)) throw refused('BAD_SIGNATURE');
  mustBeNow(time, now);
  if (audience !== expected.audience) throw refused('WRONG_AUDIENCE');
  if (sender !== expected.sender) throw refused('BAD_SIGNATURE', 'another sender than on its connection');
  return { key, nonce, bodyHash: body };
}

function macFor(key: MeshKey, request: SignedRequest, time: string): string {
  const { method, path, sender, audience, nonce, bodyHash } = request;
  return macOf(key, PURPOSE, [method, path, key.id, sender, audience, time, nonce, bodyHash]);
}
