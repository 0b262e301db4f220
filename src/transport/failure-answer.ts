import { RedlinkError } from '../support/errors.js';
import type { WireResponse } from '../protocol/wire.js';

/** HTTP status of an answer that stands for a failure inside the answering store. */
const INTERNAL_SERVER_ERROR = 500;

/**
 * What an asker gets where the store failed to answer: a code and a text, never a stack. The text of
 * an error that is not Redlink's own stays here: it may tell of files and code.
 */
export function failureAnswer(thrown: unknown): WireResponse {
  const known = thrown instanceof RedlinkError;
  return jsonAnswer(
    INTERNAL_SERVER_ERROR,
    known ? thrown.message : 'the store failed to answer',
    known ? thrown.code : 'INTERNAL',
  );
}

/** An answer `{ error, code }` with the given HTTP status. */
export function jsonAnswer(status: number, error: string, code: string): WireResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ error, code }),
  };
}
