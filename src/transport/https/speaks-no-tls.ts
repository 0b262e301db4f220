/** What OpenSSL says of an answer whose first bytes are no TLS; the code beside it depends on who hears of it first. */
const NO_TLS = /\bwrong version number\b/;

/**
 * Whether a connection failed because plain text answered, as Node-RED's own port does: whoever enters that one
 * for a store's is told so, and not that nobody is there.
 */
export function speaksNoTls(thrown: unknown): boolean {
  return thrown instanceof Error && NO_TLS.test(thrown.message);
}
