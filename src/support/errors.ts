/**
 * Everything that can go wrong in Redlink, by name. Flows branch on these codes (`msg.code` on a
 * failure output), so a code never changes its meaning. docs/TROUBLESHOOTING.md lists them.
 */
export const ERROR_CODES = [
  'BAD_CONFIGURATION',
  'BAD_REQUEST',
  'BAD_SIGNATURE',
  'BLANK_SERVICE',
  'BODY_TOO_LARGE',
  'CERTIFICATE_MISMATCH',
  'CERTIFICATE_REQUIRED',
  'CERTIFICATE_UNTRUSTED',
  'CLOCK_SKEW',
  'CLOSED',
  'CONSUMER_LOST',
  'DUPLICATE_STORE',
  'JOURNAL_IO',
  'JOURNAL_LOCKED',
  'JOURNAL_UNAVAILABLE',
  'LISTEN_FAILED',
  'MESH_KEY_UNKNOWN',
  'MESSAGE_TOO_LARGE',
  'NAME_NOT_PROVEN',
  'NEEDS_STREAM',
  'NO_MESH_KEY',
  'NO_MESSAGE_ID',
  'NO_STORE',
  'NOT_A_STORE',
  'NOT_ASSIGNED',
  'NOT_FOUND',
  'NOT_READ_YET',
  'NOT_SERIALISABLE',
  'NOT_SIGNED',
  'NOTHING_WAITING',
  'OTHER_MESH',
  'PAYLOAD_IO',
  'PEER_ANSWER',
  'PEER_IS_LEGACY',
  'PEER_TIMEOUT',
  'PEER_UNREACHABLE',
  'REFUSED_ADDRESS',
  'REPLAYED',
  'REPLY_EXPIRED',
  'SECOND_REPLY',
  'SEND_ONLY',
  'SERVICE_NOT_ALLOWED',
  'STORE_FULL',
  'TIMED_OUT',
  'TOO_MANY_REQUESTS',
  'UNKNOWN_SERVICE',
  'WRONG_AUDIENCE',
  'WRONG_READ_MODE',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** An error of Redlink's own: a code for programs, a text for people, the cause where there is one. */
export class RedlinkError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, text: string, cause?: unknown) {
    super(text, cause === undefined ? undefined : { cause });
    this.name = 'RedlinkError';
    this.code = code;
  }
}

/** A store that was reached says that one farther on was not: the neighbour itself is well. */
export class FartherOnError extends RedlinkError {}

/** Whatever was thrown, as an Error: JavaScript can throw anything. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** The system's name of an error (`ENOSPC`); undefined where it is none of the system's. */
export function systemCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : undefined;
}

/** Whatever was thrown, as one line of text for a log or a status. */
export function describe(thrown: unknown): string {
  return asError(thrown).message;
}
