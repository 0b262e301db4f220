import { createHash, randomBytes } from 'node:crypto';
import { RedlinkError } from '../support/errors.js';

/** Bytes of a mesh key: as many as SHA-256 gives, so that guessing it is out of reach. */
const KEY_BYTES = 32;

/** 32 bytes as base64url without padding. */
const KEY_TEXT = /^[A-Za-z0-9_-]{43}$/;

/** Characters of a key's id: enough to tell keys apart, far too few to say anything of the key. */
const ID_CHARACTERS = 8;

/** A secret that all stores of a mesh share, and by which they know each other. */
export interface MeshKey {
  /** Derived from the key; may be shown and sent. */
  readonly id: string;
  readonly secret: Uint8Array;
}

/**
 * A new key, as text for the editor. From the system's own source of chance: a key out of a seed would be
 * no secret.
 */
export function makeMeshKey(): string {
  return randomBytes(KEY_BYTES).toString('base64url');
}

/** @throws RedlinkError `BAD_CONFIGURATION` where the text is no mesh key; the text itself is not repeated. */
export function parseMeshKey(text: string): MeshKey {
  const bare = text.trim().replace(/=$/, '');
  if (!KEY_TEXT.test(bare)) {
    throw new RedlinkError('BAD_CONFIGURATION', 'the mesh key is not 32 bytes in base64url');
  }
  const secret = Buffer.from(bare, 'base64url');
  const digest = createHash('sha256').update('redlink mesh key id\n').update(secret).digest('base64url');
  return { id: digest.slice(0, ID_CHARACTERS), secret };
}

/** The keys that are valid now: during a change the former one too. */
export class KeyRing {
  /** @param former the key before this one, while some stores still use it */
  constructor(
    readonly current: MeshKey,
    readonly former?: MeshKey,
  ) {}

  find(id: string): MeshKey | undefined {
    return [this.current, this.former].find((key) => key?.id === id);
  }

  /** Whether a key is the one that is about to go. */
  isFormer(key: MeshKey): boolean {
    return key.id !== this.current.id;
  }
}
