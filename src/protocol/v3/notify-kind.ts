import { isRecord } from './json-body.js';
import { CONFIRMATION } from './confirm.js';
import { OFFER } from './offer.js';
import { ANNOUNCING, REGISTRATION } from './registration.js';

/** Which verb a body sent to /notify is; `unknown` where it is none. */
export type NotifyKind = 'announce' | 'advertise' | 'offer' | 'confirm' | 'unknown';

export function notifyKind(wire: unknown): NotifyKind {
  if (!isRecord(wire)) return 'unknown';
  switch (wire['notifyType']) {
    case REGISTRATION:
      return isRecord(wire['consumer']) && wire['consumer']['direction'] === ANNOUNCING
        ? 'announce'
        : 'advertise';
    case OFFER:
      return 'offer';
    case CONFIRMATION:
      return 'confirm';
    default:
      return 'unknown';
  }
}
