import { z } from 'zod';
import type { MessageRow } from '../../engine/rows.js';
import { ERROR_CODES, RedlinkError } from '../../support/errors.js';

/**
 * What has become of a message since it was accepted, as far as it must be known after the death of
 * the process. A message that is queued, offered or assigned needs no mark: nobody has read it, so that
 * it is simply offered again.
 */

const mark = z.discriminatedUnion('state', [
  /** It was read once and waits to be read again. */
  z.object({ state: z.literal('queued'), deliveryCount: z.number() }),
  /** A consumer has it, or may have it. */
  z.object({
    state: z.literal('read'),
    consumerId: z.string(),
    consumerStore: z.string(),
    via: z.string(),
    token: z.string(),
    /** Whether the consumer's store renews its lease. */
    leased: z.boolean(),
    notifiedEpochMs: z.number(),
    deliveryCount: z.number(),
  }),
  /** It has failed, and its failure output has not been told yet. */
  z.object({
    state: z.literal('failed'),
    code: z.enum(ERROR_CODES),
    action: z.enum(['producerTimeout', 'producerDelivery']),
    read: z.boolean(),
    consumerId: z.string(),
  }),
]);

export type Mark = z.output<typeof mark>;

/** The mark of a message that a consumer has, or may have. @param leased whether the consumer's store renews its lease */
export function readMark(row: MessageRow, leased: boolean): Mark {
  const { consumerId, consumerStore, via, token, notifiedEpochMs, deliveryCount } = row;
  return { state: 'read', consumerId, consumerStore, via, token, leased, notifiedEpochMs, deliveryCount };
}

export function encodeMark(told: Mark): string {
  return JSON.stringify(told);
}

/** @throws RedlinkError `BAD_REQUEST` where it is no such record, or that of a newer release. */
export function decodeMark(record: string): Mark {
  const { data, error } = mark.safeParse(jsonOf(record));
  if (data === undefined) throw new RedlinkError('BAD_REQUEST', 'its mark is not understood', error);
  return data;
}

/** Undefined where it is no JSON, as no mark is. */
function jsonOf(record: string): unknown {
  try {
    return JSON.parse(record);
  } catch {
    return undefined;
  }
}
