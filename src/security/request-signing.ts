import { randomBytes } from 'node:crypto';
import type { KeyRing, MeshKey } from './mesh-key.js';
import { NonceMemory } from './nonce-memory.js';
import { refused } from './refusal.js';
import { hashOfBody, SEALED, signatureFor, verifySignature, type Verified } from './signature.js';

/** Bytes that name a session of a sender: two of them are never alike. */
const SESSION_BYTES = 18;

/** What is to be signed. */
export interface Outgoing {
  readonly method: string;
  readonly path: string;
  /** Name of the store that it goes to. */
  readonly audience: string;
  /** The whole body; undefined where it is sent while it is made. */
  readonly body: string | undefined;
}

/** What a request was signed with: its body is sealed with the same. */
export interface Signature {
  readonly header: string;
  readonly key: MeshKey;
  readonly nonce: string;
}

/** Signs what a store sends. */
export class RequestSigner {
  private readonly session = randomBytes(SESSION_BYTES).toString('base64url');
  private count = 0;

  constructor(
    private readonly storeName: string,
    private readonly keys: KeyRing,
  ) {}

  /** @param keyId the key by which the other store has proved itself */
  sign(outgoing: Outgoing, keyId: string | undefined, now: number): Signature {
    const key = this.keys.find(keyId ?? '') ?? this.keys.current;
    const nonce = `${this.session}.${this.count}`;
    this.count += 1;
    const { method, path, audience, body } = outgoing;
    const bodyHash = body === undefined ? SEALED : hashOfBody(body);
    const request = { method, path, sender: this.storeName, audience, nonce, bodyHash };
    return { header: signatureFor(key, request, now), key, nonce };
  }
}

/** Checks what a store receives, and takes each request once. */
export class RequestVerifier {
  private readonly nonces = new NonceMemory();

  constructor(
    private readonly storeName: string,
    private readonly keys: KeyRing,
  ) {}

  /**
   * @param request its `sender` has proved itself on the request's connection, `machine` is the far end of that
   * @throws RedlinkError with a code of `refusal.ts`
   */
  verify(
    header: string | undefined,
    request: {
      readonly method: string;
      readonly path: string;
      readonly sender: string;
      readonly machine: string;
    },
    now: number,
  ): Verified {
    const { method, path, sender, machine } = request;
    const expected = { method, path, sender, audience: this.storeName };
    const verified = verifySignature(header, expected, this.keys, now);
    if (!this.nonces.take({ name: sender, machine }, verified.nonce, now)) throw refused('REPLAYED');
    return verified;
  }
}
