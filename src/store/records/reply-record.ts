import { z } from 'zod';
import type { ReplyRow } from '../../engine/rows.js';
import { RedlinkError } from '../../support/errors.js';
import { joinSections, splitSections } from './sections.js';

/** A reply that waits for its producer. */

const header = z.object({
  producerId: z.string(),
  sequence: z.number(),
  payloadName: z.string(),
  byteLength: z.number(),
  hasError: z.boolean(),
});

export function encodeReplyRow(row: ReplyRow): string {
  const told: z.output<typeof header> = {
    producerId: row.producerId,
    sequence: row.sequence,
    payloadName: row.payloadName,
    byteLength: row.byteLength,
    hasError: row.hasError,
  };
  return joinSections(told, [row.text, row.restore, row.errorText, row.errorRestore]);
}

/** @throws RedlinkError `BAD_REQUEST` where it is no such record. */
export function decodeReplyRow(messageId: string, record: string): ReplyRow {
  const { header: told, texts } = splitSections(record);
  const parsed = header.safeParse(told);
  if (!parsed.success) {
    throw new RedlinkError('BAD_REQUEST', `The record of the reply to ${messageId} lacks something`);
  }
  const [text = '', restore = '', errorText = '', errorRestore = ''] = texts;
  return { messageId, ...parsed.data, text, restore, errorText, errorRestore, mayRepeat: false, read: false };
}
