/**
 * The form that proofs and signatures have in HTTP headers (RFC 9110, section 11): a scheme and parameters,
 * `Redlink-Signature key="…", sender="…"`. Values are percent-encoded, so that names in any script fit.
 */

/** Characters of a header that is looked at: names of 256 characters, encoded, and some hashes. */
const MAX_HEADER_CHARACTERS = 8_192;

const PARAMETER = /(?:^|,\s*)([a-z]+)="([^"]*)"/g;

/** Names and values, as a header says them. */
export type AuthParameters = Readonly<Record<string, string>>;

export function writeAuthHeader(scheme: string, parameters: AuthParameters): string {
  const written = Object.entries(parameters).map(([name, value]) => `${name}="${encodeURIComponent(value)}"`);
  return `${scheme} ${written.join(', ')}`;
}

/** The parameters of a header; undefined where it is of another scheme, or broken. */
export function readAuthHeader(scheme: string, header: string | undefined): AuthParameters | undefined {
  if (header === undefined || header.length > MAX_HEADER_CHARACTERS) return undefined;
  if (!header.startsWith(`${scheme} `)) return undefined;
  const parameters = new Map<string, string>();
  try {
    for (const [, name = '', value = ''] of header.slice(scheme.length + 1).matchAll(PARAMETER)) {
      parameters.set(name, decodeURIComponent(value));
    }
  } catch {
    return undefined; // A percent sign that begins no character.
  }
  return Object.fromEntries(parameters);
}
