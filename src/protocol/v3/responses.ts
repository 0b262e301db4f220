import type { ArrivingResponse, WireResponse } from '../wire.js';
import { RedlinkError } from '../../support/errors.js';
import type { ErrorCode } from '../../support/errors.js';
import { parseJson, readText } from './json-body.js';
import { asPeerAnswer } from './peer-failure.js';
import type { JsonAnswer } from './registration.js';

/** Answers of JSON, both ways, and the answer to what a store refuses. */

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' };

const HTTP_OK = 200;
const BAD_REQUEST = 400;
const NOT_FOUND = 404;
const BAD_GATEWAY = 502;

/** HTTP status of a refusal, by its code; any other is the request's fault as a whole. */
const STATUS_BY_CODE: Partial<Readonly<Record<ErrorCode, number>>> = {
  NAME_NOT_PROVEN: 403,
  OTHER_MESH: 403,
  REFUSED_ADDRESS: 403,
  BODY_TOO_LARGE: 413,
  MESSAGE_TOO_LARGE: 413,
  CLOSED: 503,
  PAYLOAD_IO: 507,
  STORE_FULL: 507,
  PEER_UNREACHABLE: BAD_GATEWAY,
  PEER_TIMEOUT: BAD_GATEWAY,
  PEER_ANSWER: BAD_GATEWAY,
};

export function jsonResponse(answer: JsonAnswer): WireResponse {
  return { status: answer.status, headers: JSON_HEADERS, body: JSON.stringify(answer.body) };
}

/** `{ error, code }` with a status that fits: code and text, no stack. */
export function refusal(error: RedlinkError): JsonAnswer {
  return {
    status: STATUS_BY_CODE[error.code] ?? BAD_REQUEST,
    body: { error: error.message, code: error.code },
  };
}

/** The answer to a path that there is not. 404 alone would do; the body says it in the form of all others. */
export function unknownPath(): JsonAnswer {
  return { status: NOT_FOUND, body: { error: 'There is no such path.', code: 'NOT_FOUND' } };
}

/**
 * What an answer of JSON means to the asking side.
 * @throws RedlinkError `PEER_ANSWER` where it makes no sense; what a failing connection throws.
 */
export async function understand<T>(
  response: ArrivingResponse,
  meaning: (status: number, wire: unknown) => T,
): Promise<T> {
  return asPeerAnswer(async () => {
    const text = await readText(response.body, { contentLength: response.headers['content-length'] });
    return meaning(response.status, response.status === HTTP_OK ? parseJson(text) : jsonOrNothing(text));
  });
}

/** An answer that says by its status that something went wrong may have a page of HTML for a body. */
function jsonOrNothing(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined; // Its status says enough.
  }
}
