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

/** The line with its line feed. `preserved` stays at the producer. */
export function messageLine(meta: MessageMeta, restore: Restore | undefined): string {
  const deadlineInMs = meta.deadlineInMs === Infinity ? null : meta.deadlineInMs;
  const told = { ...meta, preserved: undefined, deadlineInMs, restore: hintsToWire(restore) };
  return `${JSON.stringify(told)}\n`;
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
        ...parseLine(utf8Text(parts)),
        rest: inSequence(once(step.value.subarray(end + 1)), { [Symbol.asyncIterator]: () => chunks }),
      };
    }
    if (length > MAX_BODY_BYTES) throw bodyTooLarge(MAX_BODY_BYTES);
  }
}

function parseLine(text: string): MessageLine {
  const { restore, deadlineInMs, ...told } = parseFields(line, parseJson(text));
  return {
    meta: { ...told, preserved: '', deadlineInMs: deadlineInMs === null ? Infinity : deadlineInMs },
    restore,
  };
}
