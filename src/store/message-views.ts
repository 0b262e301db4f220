import type { MessageRow, ReplyRow } from '../engine/rows.js';
import type { PayloadStore } from '../payload/port.js';
import { parseRestore, textSource } from '../payload/sources.js';
import type { PayloadSource } from '../protocol/payload-source.js';
import { MAX_BATCHED_PAYLOAD_CHARS, MAX_ENCLOSED_CHARS } from '../protocol/limits.js';
import type { EnclosedMessage, MessageMeta } from '../protocol/verbs.js';
import type { Clock } from '../support/clock.js';
import { MS_PER_SECOND } from '../support/clock.js';
import type { DeliveredReply, FailedMessage, Serialised } from './contract.js';

/** Shows the rows of a store's messages to those who get them: readers, producers, failure outputs. */
export class MessageViews {
  constructor(
    private readonly storeName: string,
    private readonly payloads: PayloadStore,
    private readonly clock: Clock,
  ) {}

  body(row: MessageRow): PayloadSource {
    const restore = parseRestore(row.restore);
    if (row.payloadName === '') return textSource(row.text, restore);
    return this.payloads.source({ name: row.payloadName, byteLength: row.byteLength, restore });
  }

  /** What a reader learns besides the payload. */
  meta(row: MessageRow): MessageMeta {
    return {
      messageId: row.id,
      storeName: this.storeName,
      service: row.service,
      read: row.state === 'read' || row.state === 'replied',
      sendOnly: row.sendOnly,
      producerId: row.producerId,
      // Of a large message 3.0.5 leaves it out as well; nobody but the producer needs it.
      preserved: row.payloadName === '' ? row.preserved : '',
      acceptedEpochMs: row.acceptedEpochMs,
      priority: row.priority,
      large: row.payloadName !== '',
      ...agesOf(row, this.clock),
      reversePath: row.reversePath,
      consumerId: row.consumerId,
      deadlineInMs: row.deadlineAt - this.clock.now(),
      // Who has it and reads it again, because the answer that said so was lost, is still at the same delivery.
      deliveryCount: row.state === 'read' ? row.deliveryCount : row.deliveryCount + 1,
    };
  }

  /** The message as it goes inside an offer; undefined where it is too large for that. */
  enclosed(row: MessageRow): EnclosedMessage | undefined {
    const isSmall = row.text.length + row.restore.length <= MAX_ENCLOSED_CHARS;
    if (row.payloadName !== '' || !isSmall) return undefined;
    return { meta: this.meta(row), body: this.body(row) };
  }

  /** Whether the message fits into no batch. */
  needsStream(row: MessageRow): boolean {
    return row.payloadName !== '' || row.text.length > MAX_BATCHED_PAYLOAD_CHARS;
  }

  reply(row: MessageRow, reply: ReplyRow): DeliveredReply {
    return {
      messageId: row.id,
      correlationId: row.correlationId,
      payload: this.replyPayload(reply),
      consumerError: reply.hasError
        ? textSource(reply.errorText, parseRestore(reply.errorRestore))
        : undefined,
      preserved: preservedOf(row),
      mayRepeat: reply.mayRepeat,
    };
  }

  failed(row: MessageRow): FailedMessage {
    return {
      id: row.id,
      service: row.service,
      producerId: row.producerId,
      priority: row.priority,
      sendOnly: row.sendOnly,
      reversePath: row.reversePath,
      large: row.payloadName !== '',
      acceptedEpochMs: row.acceptedEpochMs,
      ...agesOf(row, this.clock),
      consumerId: row.consumerId,
      correlationId: row.correlationId,
      body: this.body(row),
      preserved: preservedOf(row),
    };
  }

  private replyPayload(reply: ReplyRow): PayloadSource {
    const restore = parseRestore(reply.restore);
    if (reply.payloadName === '') return textSource(reply.text, restore);
    return this.payloads.source({ name: reply.payloadName, byteLength: reply.byteLength, restore });
  }
}

/** Whole seconds since acceptance, and since the last notify (or acceptance, where there was none). */
export function agesOf(row: MessageRow, clock: Clock): { ageS: number; sinceNotifyS: number } {
  const seconds = (sinceEpochMs: number): number =>
    Math.max(0, Math.round((clock.wall() - sinceEpochMs) / MS_PER_SECOND));
  return {
    ageS: seconds(row.acceptedEpochMs),
    sinceNotifyS: seconds(row.notifiedEpochMs === 0 ? row.acceptedEpochMs : row.notifiedEpochMs),
  };
}

function preservedOf(row: MessageRow): Serialised | undefined {
  return row.preserved === '' ? undefined : { text: row.preserved, restore: row.preservedRestore };
}
