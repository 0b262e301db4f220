import { z } from 'zod';
import type { Restore } from '../payload-source.js';
import type { MessageMeta } from '../verbs.js';
import { booleanField, byteLengthField, encodingField, idField, nameField, parseFields } from './fields.js';
import { takeJsonLine } from './json-line.js';
import { hintsFromWire, hintsToWire } from './restore-hints.js';

/**
 * The answer to a read between new stores: one line of JSON that says all about the message, a line
 * feed, and the message itself, as JSON text in UTF-8 or in parts. Names may have any letters, unlike
 * in headers.
 */

export const MESSAGE_CONTENT_TYPE = 'application/vnd.redlink.message';

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
  encoding: encodingField,
  byteLength: byteLengthField,
});

/** What the line says. */
export interface MessageLine {
  readonly meta: MessageMeta;
  readonly body: BodyKnown;
}

/** What is known of the message itself before it comes. */
export interface BodyKnown {
  readonly encoding: 'utf8' | 'parts';
  readonly byteLength: number | undefined;
  readonly restore: Restore | undefined;
}

/** What is said of a message, as it travels between new stores. `preserved` stays at the producer. */
export function messageToWire(meta: MessageMeta, restore: Restore | undefined): object {
  const deadlineInMs = meta.deadlineInMs === Infinity ? null : meta.deadlineInMs;
  return { ...meta, preserved: undefined, deadlineInMs, restore: hintsToWire(restore) };
}

/** The line with its line feed. */
export function messageLine(meta: MessageMeta, { restore, ...body }: BodyKnown): string {
  return `${JSON.stringify({ ...messageToWire(meta, restore), ...body })}\n`;
}

/**
 * Takes the line off the front of a body, and leaves what follows.
 * @throws RedlinkError `BAD_REQUEST` where it makes no sense, `BODY_TOO_LARGE`.
 */
export async function takeMessageLine(
  body: AsyncIterable<Uint8Array>,
): Promise<MessageLine & { readonly rest: AsyncIterable<Uint8Array> }> {
  const { line, rest } = await takeJsonLine(body);
  return { ...messageFromWire(line), rest };
}

/** @throws RedlinkError `BAD_REQUEST` */
export function messageFromWire(wire: unknown): MessageLine {
  const { restore, encoding, byteLength, deadlineInMs, ...told } = parseFields(line, wire);
  return {
    meta: { ...told, preserved: '', deadlineInMs: deadlineInMs === null ? Infinity : deadlineInMs },
    body: { restore, encoding, byteLength },
  };
}
