import type { WireRequest } from '../wire.js';
import type { Acknowledged, Capabilities } from '../verbs.js';
import { RedlinkError } from '../../support/errors.js';
import { isRecord } from './json-body.js';

/** What announcements and advertisements share on the wire: both are registrations (WIRE 3). */

export const NOTIFY_PATH = '/notify';
export const REGISTRATION = 'consumerRegistration';
/** `direction` of an announcement. */
export const ANNOUNCING = 'store';

const HTTP_OK = 200;
const HTTP_NOT_FOUND = 404;

/** An answer on its way out: HTTP status and JSON body. */
export interface JsonAnswer {
  readonly status: number;
  readonly body: object;
}

/** A request whose body is JSON text. */
export function jsonRequest(path: string, body: object): WireRequest {
  return {
    path,
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

/** A registration as it travels; `extension` only towards a peer that knows what to make of it. */
export function registrationRequest(consumer: object, extension: object | undefined): WireRequest {
  return jsonRequest(NOTIFY_PATH, {
    consumer,
    notifyType: REGISTRATION,
    ...(extension === undefined ? {} : { redlink: extension }),
  });
}

/** The answer to a registration. Capabilities are told only to a peer that told its own. */
export function acknowledgement(answer: Acknowledged, own: Capabilities | undefined): JsonAnswer {
  const status = answer.kind === 'unknownPeer' ? HTTP_NOT_FOUND : HTTP_OK;
  return {
    status,
    body: {
      action: REGISTRATION,
      status,
      ...(own === undefined ? {} : { redlink: { ...own, wasUnknown: answer.wasUnknown } }),
    },
  };
}

/**
 * The answer to a registration, as received. The 404 that means "I have no such north peer" is told
 * from others by its body.
 * @throws RedlinkError `PEER_ANSWER`
 */
export function readAcknowledgement(status: number, body: unknown): Acknowledged {
  const outcome = isRecord(body) && body['action'] === REGISTRATION ? body['status'] : undefined;
  if (outcome === HTTP_NOT_FOUND) return { kind: 'unknownPeer' };
  if (status === HTTP_OK) {
    return saysUnknown(body) ? { kind: 'acknowledged', wasUnknown: true } : { kind: 'acknowledged' };
  }
  throw new RedlinkError('PEER_ANSWER', `A registration was answered with HTTP status ${status}.`);
}

function saysUnknown(body: unknown): boolean {
  const extension = isRecord(body) ? body['redlink'] : undefined;
  return isRecord(extension) && extension['wasUnknown'] === true;
}
