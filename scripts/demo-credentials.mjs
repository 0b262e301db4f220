/** The demo's credentials, as Node-RED keeps them beside a flow: a new mesh key, encrypted with a secret that is none. */
import { createCipheriv, createHash, randomBytes } from 'node:crypto';

/** There is nothing to hide in a demo: a known secret spares Node-RED's warning about a generated one. */
export const CREDENTIAL_SECRET = 'redlink-demo';

/** A mesh key is so many random bytes, in base64url. */
const MESH_KEY_BYTES = 32;

/** What Node-RED uses, with the length of the vector that it begins with. */
const ALGORITHM = 'aes-256-ctr';
const VECTOR_BYTES = 16;

/**
 * @param {string[]} stores - ids of the stores that are to belong together
 * @returns {string} the text of the flow's credential file
 */
export function demoCredentials(stores) {
  const meshKey = randomBytes(MESH_KEY_BYTES).toString('base64url');
  const plain = Object.fromEntries(stores.map((id) => [id, { meshKey }]));
  const vector = randomBytes(VECTOR_BYTES);
  const key = createHash('sha256').update(CREDENTIAL_SECRET).digest();
  const cipher = createCipheriv(ALGORITHM, key, vector);
  const encrypted = cipher.update(JSON.stringify(plain), 'utf8', 'base64') + cipher.final('base64');
  return JSON.stringify({ $: vector.toString('hex') + encrypted });
}
