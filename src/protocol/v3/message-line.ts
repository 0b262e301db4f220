import { z } from 'zod';
import { MAX_BODY_BYTES } from '../limits.js';
import type { Restore } from '../payload-source.js';
import type { MessageMeta } from '../verbs.js';
import { inSequence, once } from './byte-streams.js';
import { booleanField, idField, nameField, parseFields } from './fields.js';
import { bodyTooLarge, parseJson, utf8Text } from './json-body.js';
import { RedlinkError } from '../../support/errors.js';
import { hintsFromWire, hintsToWire } from './restore-hints.js';

/**
 * The answer to a read between new stores: one line of JSON that says all about the message, a line
 * feed, and the message itself as JSON text in UTF-8. Names may have any letters, unlike in headers.
 */

export const MESSAGE_CONTENT_TYPE = 'application/vnd.redlink.message';

const LINE_FEED = '\n'.charCodeAt(0);

const line = z.object({
  messageId: idField,
  storeName: nameField,
  service: nameField,
  read: booleanField,
  sendOnly: booleanField,
  producerId: idField,
  acceptedEpochMs: z.number(),
  priority: z.number(),
  large: booleanField,
  ageS: z.number(),
  sinceNotifyS: z.number(),
  reversePath: booleanField,
  consumerId: z.union([z.literal(''), idField]),
  // null: never, which JSON has no number for. Absent: the producer's store is a 3.0.5 store.
  deadlineInMs: z.number().nullable().optional(),
  deliveryCount: z.number().int().min(1).default(1),
  restore: z.unknown().optional().transform(hintsFromWire),
});

/** What the line says. */
export interface MessageLine {
  readonly meta: MessageMeta;
  readonly restore: Restore | undefined;
}

/** What is said of a message, as it travels between new stores. `preserved` stays at the producer. */
export function messageToWire(meta: MessageMeta, restore: Restore | undefined): object {
  const deadlineInMs = meta.deadlineInMs === Infinity ? null : meta.deadlineInMs;
  return { ...meta, preserved: undefined, deadlineInMs, restore: hintsToWire(restore) };
}

/** The line with its line feed. */
export function messageLine(meta: MessageMeta, restore: Restore | undefined): string {
  return `${JSON.stringify(messageToWire(meta, restore))}\n`;
}

/**
 * Takes the line off the front of a body, and leaves what follows.
 * @throws RedlinkError `BAD_REQUEST` where it makes no sense, `BODY_TOO_LARGE`, `PEER_ANSWER` where the body ends before.
 */
export async function takeMessageLine(
  body: AsyncIterable<Uint8Array>,
): Promise<MessageLine & { readonly rest: AsyncIterable<Uint8Array> }> {
  const chunks = body[Symbol.asyncIterator]();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const step = await chunks.next();
    if (step.done === true) throw new RedlinkError('PEER_ANSWER', 'The answer to a read ends too early.');
    const end = step.value.indexOf(LINE_FEED);
    parts.push(end < 0 ? step.value : step.value.subarray(0, end));
    length += step.value.length;
    if (end >= 0) {
      return {
        ...messageFromWire(parseJson(utf8Text(parts))),
        rest: inSequence(once(step.value.subarray(end + 1)), { [Symbol.asyncIterator]: () => chunks }),
      };
    }
    if (length > MAX_BODY_BYTES) throw bodyTooLarge(MAX_BODY_BYTES);
  }
}

/** @throws RedlinkError `BAD_REQUEST` */
export function messageFromWire(wire: unknown): MessageLine {
  const { restore, deadlineInMs, ...told } = parseFields(line, wire);
  return {
    meta: { ...told, preserved: '', deadlineInMs: deadlineInMs === null ? Infinity : deadlineInMs },
    restore,
  };
}
