import { z } from 'zod';
import type { NotifyRow } from '../../engine/rows.js';
import { RedlinkError } from '../../support/errors.js';
import type { Clock } from '../../support/clock.js';
import type { Serialised } from '../contract.js';
import type { KeptPayload } from '../large-payloads.js';
import type { Moments } from './moments.js';
import { joinSections, splitSections } from './sections.js';

/** A reply of a consumer of this store whose way to the producer's store is not open yet. */
export interface KeptReply {
  readonly row: NotifyRow;
  readonly payload: KeptPayload;
  readonly consumerError: Serialised | undefined;
  /** From notify to reply, ms. */
  readonly delayMs: number;
}

/** How long a reply of an earlier process may still be tried at most, ms: a day, whatever the clocks say. */
const LONGEST_WAIT_MS = 86_400_000;

const header = z.object({
  service: z.string(),
  consumerId: z.string(),
  producerId: z.string(),
  sourceStore: z.string(),
  sourceHost: z.string(),
  sourcePort: z.string(),
  notifiedEpochMs: z.number(),
  reversePath: z.boolean(),
  token: z.string(),
  replyByEpochMs: z.number().nullable(),
  payloadName: z.string(),
  byteLength: z.number(),
  hasError: z.boolean(),
  delayMs: z.number(),
});

export function encodeKeptReply({ row, payload, consumerError, delayMs }: KeptReply, clock: Clock): string {
  const told: z.output<typeof header> = {
    service: row.service,
    consumerId: row.consumerId,
    producerId: row.producerId,
    sourceStore: row.sourceStore,
    sourceHost: row.sourceHost,
    sourcePort: row.sourcePort,
    notifiedEpochMs: row.notifiedEpochMs,
    reversePath: row.reversePath,
    token: row.token,
    replyByEpochMs: row.replyBy === Infinity ? null : clock.wall() + row.replyBy - clock.now(),
    payloadName: payload.payloadName,
    byteLength: payload.byteLength,
    hasError: consumerError !== undefined,
    delayMs,
  };
  return joinSections(told, [
    row.path,
    payload.text,
    payload.restore,
    consumerError?.text ?? '',
    consumerError?.restore ?? '',
  ]);
}

/** @throws RedlinkError `BAD_REQUEST` where it is no such record. */
export function decodeKeptReply(messageId: string, record: string, moments: Moments, now: number): KeptReply {
  const { header: told, texts } = splitSections(record);
  const parsed = header.safeParse(told);
  if (!parsed.success) {
    throw new RedlinkError('BAD_REQUEST', `The record of the reply to ${messageId} lacks something`);
  }
  const { payloadName, byteLength, hasError, delayMs, replyByEpochMs, ...kept } = parsed.data;
  const [path = '', text = '', restore = '', errorText = '', errorRestore = ''] = texts;
  return {
    row: {
      messageId,
      ...kept,
      path,
      sequence: 0,
      notifiedAt: now,
      sendOnly: false,
      replyBy: moments.ahead(replyByEpochMs, LONGEST_WAIT_MS),
      state: 'replying',
      notifyCount: 1,
    },
    payload: { text, restore, payloadName, byteLength },
    consumerError: hasError ? { text: errorText, restore: errorRestore } : undefined,
    delayMs,
  };
}
