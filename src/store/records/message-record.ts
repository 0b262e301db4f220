import { z } from 'zod';
import type { MessageRow } from '../../engine/rows.js';
import { RedlinkError } from '../../support/errors.js';
import type { Moments } from './moments.js';
import { joinSections, splitSections } from './sections.js';

/** A message as it was accepted. What has become of it since says its mark (`mark-record.ts`). */

const header = z.object({
  service: z.string(),
  producerId: z.string(),
  priority: z.number(),
  sequence: z.number(),
  sendOnly: z.boolean(),
  reversePath: z.boolean(),
  acceptedEpochMs: z.number(),
  /** `null`: for ever, which JSON has no number for. */
  lifetimeMs: z.number().nullable(),
  payloadName: z.string(),
  byteLength: z.number(),
  correlationId: z.string(),
  notifyIntervalMs: z.number(),
  redeliver: z.boolean(),
  maxDeliver: z.number(),
});

export function encodeMessage(row: MessageRow): string {
  const lifetimeMs = row.deadlineAt - row.acceptedAt;
  const told: z.output<typeof header> = {
    service: row.service,
    producerId: row.producerId,
    priority: row.priority,
    sequence: row.sequence,
    sendOnly: row.sendOnly,
    reversePath: row.reversePath,
    acceptedEpochMs: row.acceptedEpochMs,
    lifetimeMs: lifetimeMs === Infinity ? null : lifetimeMs,
    payloadName: row.payloadName,
    byteLength: row.byteLength,
    correlationId: row.correlationId,
    notifyIntervalMs: row.notifyIntervalMs,
    redeliver: row.redeliver,
    maxDeliver: row.maxDeliver,
  };
  return joinSections(told, [row.text, row.restore, row.preserved, row.preservedRestore]);
}

/**
 * The message as a row that is queued, its moments on the clock of this process.
 * @throws RedlinkError `BAD_REQUEST` where it is no such record.
 */
export function decodeMessage(id: string, record: string, moments: Moments): MessageRow {
  const { header: told, texts } = splitSections(record);
  const parsed = header.safeParse(told);
  if (!parsed.success) throw new RedlinkError('BAD_REQUEST', `The record of message ${id} lacks something`);
  const { lifetimeMs, ...kept } = parsed.data;
  const [text = '', restore = '', preserved = '', preservedRestore = ''] = texts;
  const lifetime = lifetimeMs ?? Infinity;
  return {
    id,
    ...kept,
    ...moments.recall(kept.acceptedEpochMs, lifetime),
    text,
    restore,
    preserved,
    preservedRestore,
    state: 'queued',
    consumerId: '',
    consumerStore: '',
    via: '',
    notifiedEpochMs: 0,
    deliveryCount: 0,
    token: '',
  };
}
