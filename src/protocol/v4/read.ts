import { z } from 'zod';
import { MAX_REASON_CHARS } from '../limits.js';
import type { Read, ReadAnswer } from '../verbs.js';
import { RedlinkError } from '../../support/errors.js';
import { idField, measureField, nameField, parseFields, roomField } from '../v3/fields.js';
import { isRecord } from '../v3/json-body.js';
import { messageFromWire, messageToWire } from '../v3/message-line.js';
import { HOMEWARD_VERB_MS, type VerbCodec } from './codec.js';
import { pathField } from './fields.js';
import { payloadField, payloadToWire } from './payloads.js';

const asked = z.object({
  messageId: idField,
  producerId: idField,
  consumer: z.object({ id: idField, service: nameField, storeName: nameField }),
  path: pathField,
  readDelayMs: measureField,
  room: roomField,
  token: idField.optional(),
});

const notFound = z.object({ kind: z.literal('notFound'), reason: z.string() });

/** A consumer fetches its message. One that does not fit is asked for again as a stream (`NEEDS_STREAM`). */
export const read: VerbCodec<'read'> = {
  answerWithinMs: HOMEWARD_VERB_MS,
  toWire: (verb) => (verb.carriage === 'stream' ? undefined : { ...verb, carriage: undefined }),
  fromWire: (wire) => {
    const { token, ...fields } = parseFields(asked, wire);
    return { verb: 'read', ...fields, token, carriage: 'inline' };
  },
  answerToWire: (given) => {
    if (given.kind === 'notFound') return given;
    const payload = payloadToWire(given.body);
    if (payload === undefined) throw needsStream();
    return { kind: 'found', meta: messageToWire(given.meta, undefined), payload };
  },
  answerFromWire: (wire, verb) => (isFound(wire) ? found(wire, verb) : missing(wire)),
  sent: (given, delivered) => {
    if (given.kind === 'found') given.settle(delivered);
  },
};

/** The error for a message that does not fit into a batch: the reader asks again, for a stream. */
export function needsStream(): RedlinkError {
  return new RedlinkError('NEEDS_STREAM', 'The message is too large for a batch.');
}

function isFound(wire: unknown): wire is Readonly<Record<string, unknown>> {
  return isRecord(wire) && wire['kind'] === 'found';
}

function found(wire: Readonly<Record<string, unknown>>, verb: Read): ReadAnswer {
  const { meta } = messageFromWire(wire['meta']);
  if (meta.messageId !== verb.messageId) {
    throw new RedlinkError('PEER_ANSWER', 'A read was answered with another message.');
  }
  return {
    kind: 'found',
    meta,
    body: parseFields(payloadField, wire['payload']),
    // All of it is here already: there is nothing to let go of.
    settle: () => undefined,
  };
}

function missing(wire: unknown): ReadAnswer {
  const { reason } = parseFields(notFound, wire);
  return { kind: 'notFound', reason: reason.slice(0, MAX_REASON_CHARS) };
}
