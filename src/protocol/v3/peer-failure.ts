import { MAX_REASON_CHARS } from '../limits.js';
import { FartherOnError, RedlinkError } from '../../support/errors.js';
import type { ErrorCode } from '../../support/errors.js';
import { isRecord } from './json-body.js';

/** What it means when a peer answers that it failed. */

/** Failures on the other side of the peer: for the asker the same as if it had tried itself. */
const UNREACHABLE: ReadonlySet<unknown> = new Set<ErrorCode>([
  'CLOSED',
  'PEER_ANSWER',
  'PEER_TIMEOUT',
  'PEER_UNREACHABLE',
]);

/** Failures to understand what came. */
const MAKES_NO_SENSE: ReadonlySet<ErrorCode> = new Set(['BAD_REQUEST', 'BODY_TOO_LARGE', 'PAYLOAD_IO']);

/** Whether a code in an answer says that a store further on could not be reached. */
export function saysUnreachable(code: unknown): boolean {
  return UNREACHABLE.has(code);
}

/** The error for an answer `{ error, code }`, or for any answer that is none of those expected. */
export function peerFailure(status: number, wire: unknown): RedlinkError {
  const fields = isRecord(wire) ? wire : {};
  const reason = reasonOf(fields['error']) ?? `HTTP status ${status}`;
  const code = saysUnreachable(fields['code']) ? 'PEER_UNREACHABLE' : 'PEER_ANSWER';
  return new FartherOnError(code, `The other store failed: ${reason}`);
}

/** A text of a peer, fit for a log; undefined where it is none. */
export function reasonOf(wire: unknown): string | undefined {
  if (typeof wire !== 'string' || wire === '') return undefined;
  return wire.replace(/\p{Cc}+/gu, ' ').slice(0, MAX_REASON_CHARS);
}

/**
 * Does what understands a part of an answer: what would be a bad request from an asker is a bad
 * answer from a peer.
 */
export async function asPeerAnswer<T>(understand: () => T | Promise<T>): Promise<T> {
  try {
    return await understand();
  } catch (thrown) {
    if (!(thrown instanceof RedlinkError)) throw thrown;
    if (!MAKES_NO_SENSE.has(thrown.code)) throw thrown;
    throw new RedlinkError(
      'PEER_ANSWER',
      `The other store's answer makes no sense: ${thrown.message}`,
      thrown,
    );
  }
}
