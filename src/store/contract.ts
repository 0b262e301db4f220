import type { Hop, MessageMeta } from '../protocol/verbs.js';
import type { PayloadSource } from '../protocol/payload-source.js';
import type { NotifyRow } from '../engine/rows.js';
import type { Packed, PackedText } from '../payload/pack.js';
import type { ErrorCode } from '../support/errors.js';

/** What the roles (`producer/`, `consumer/`) and a store know of each other. */

/** A value as it waits in the store: JSON text and what JSON would lose. */
export type Serialised = PackedText;

/** A value as a role hands it over: where it is large, it is read piece by piece while it is kept. */
export type { Packed };

/** A message that a producer hands to its store. */
export interface NewMessage {
  readonly id: string;
  readonly producerId: string;
  readonly service: string;
  readonly priority: number;
  readonly sendOnly: boolean;
  readonly reversePath: boolean;
  /** Milliseconds until the producer gives up; `Infinity`: never. */
  readonly lifetimeMs: number;
  readonly notifyIntervalMs: number;
  readonly redeliver: boolean;
  readonly maxDeliver: number;
  readonly body: Packed;
  /** What stays here until the reply; undefined where the message had none. */
  readonly preserved: Serialised | undefined;
  readonly correlationId: string;
}

/** A reply as it is given to its producer. */
export interface DeliveredReply {
  readonly messageId: string;
  readonly correlationId: string;
  readonly payload: PayloadSource;
  readonly consumerError: PayloadSource | undefined;
  readonly preserved: Serialised | undefined;
  /** Whether the flow may have had it before: it comes from before a crash. */
  readonly mayRepeat: boolean;
}

/** Why a producer's message ended without a reply. */
export interface MessageFailure {
  readonly code: ErrorCode;
  /** `producerTimeout` or `producerDelivery` (NODES.md). */
  readonly action: 'producerTimeout' | 'producerDelivery';
  /** False: nobody read it, safe to send again. True: it was read, the outcome is unknown. */
  readonly read: boolean;
  readonly message: FailedMessage;
}

/** The message of a failure, as the store last knew it. */
export interface FailedMessage {
  readonly id: string;
  readonly service: string;
  readonly producerId: string;
  readonly priority: number;
  readonly sendOnly: boolean;
  readonly reversePath: boolean;
  readonly large: boolean;
  readonly acceptedEpochMs: number;
  readonly ageS: number;
  readonly sinceNotifyS: number;
  /** The consumer that it was assigned to; empty text: none. */
  readonly consumerId: string;
  readonly correlationId: string;
  readonly body: PayloadSource;
  readonly preserved: Serialised | undefined;
}

/** How many messages of one producer are where; its status shows them. */
export interface ProducerCounts {
  readonly queued: number;
  readonly notified: number;
  readonly replies: number;
}

/** A producer as its store sees it. */
export interface AttachedProducer {
  readonly id: string;
  /** Whether it gives a reply that lies in memory to the flow within {@link replyWaiting}. */
  readonly takesAtOnce: boolean;
  /** A reply to one of its messages waits in the store. */
  replyWaiting(): void;
  /** A message of it ended without a reply. */
  failed(failure: MessageFailure): void;
  /** Its counts have changed. */
  changed(): void;
}

/** What a store does for a producer. */
export interface StoreForProducer {
  readonly name: string;
  attachProducer(producer: AttachedProducer): void;
  /** @param mayRepeat whether part of its flow has heard what is given again to its successor */
  detachProducer(producer: AttachedProducer, mayRepeat: boolean): void;
  /** Whether a consumer of the service is known, here or on another store. */
  knows(service: string): boolean;
  /**
   * Takes a message over. From the moment the promise is fulfilled (or `accepted` returned at once) it is *accepted*.
   * @throws RedlinkError `STORE_FULL`, `JOURNAL_IO`, `PAYLOAD_IO`, `CLOSED`
   */
  accept(message: NewMessage): Promise<void> | undefined;
  /** The oldest reply, or that to the message named, that waits for the producer; it stays until {@link noteGiven}. */
  peekReply(producerId: string, messageId: string | undefined): DeliveredReply | undefined;
  /**
   * The reply was handed to the flow, which brings it to its next node a turn later. Where the producer is detached
   * before {@link finishReply}, nobody has heard it: it waits again.
   */
  noteGiven(messageId: string): void;
  /** The flow has the reply: everything about the message is deleted. */
  finishReply(messageId: string): void;
  /** The reply cannot be given to the flow: the message fails instead. */
  failReply(messageId: string, code: ErrorCode): void;
  /** The flow has heard of a failed message. Where the producer is detached before, its successor is told. */
  releaseFailed(messageId: string): void;
  counts(producerId: string): ProducerCounts;
}

/** How a message ended for its consumer; `expired`: nobody waits for its reply any more. */
export type MessageEnd = 'replied' | 'sendOnly' | 'expired';

/** A consumer as its store sees it. */
export interface AttachedConsumer {
  readonly id: string;
  readonly service: string;
  /** Most messages read or assigned and not yet replied; 0: takes nothing. */
  readonly inTransitLimit: number;
  /** A message was assigned to it, or something else changed that lets it go on. */
  wake(): void;
  /** A kept reply could not be delivered before its deadline, or was refused. */
  replyFailed(messageId: string, code: ErrorCode, text: string): void;
}

/** A message as its consumer receives it. */
export interface FetchedMessage {
  readonly meta: MessageMeta;
  readonly body: PayloadSource;
  /** Lets go of a body that is not wanted to its end. */
  readonly abandon: () => void;
  /**
   * Says that the whole message is here. When it is fulfilled the message counts as read, and the
   * flow may have it.
   * @throws RedlinkError `NOT_FOUND` where it is no longer this consumer's; `PEER_*`, `JOURNAL_IO`: it may be fetched again.
   */
  readonly confirm: () => Promise<void>;
}

/** What a store does for a consumer. */
export interface StoreForConsumer {
  readonly name: string;
  attachConsumer(consumer: AttachedConsumer): void;
  /** @param comesBack whether its flow goes on, so that what it has read may still be answered. */
  detachConsumer(consumer: AttachedConsumer, comesBack: boolean): void;
  /** Messages assigned to the consumer and not yet read, oldest first. */
  waiting(consumerId: string): readonly NotifyRow[];
  assignment(messageId: string, consumerId: string): NotifyRow | undefined;
  /** The stores that the notify passed. */
  pathOf(assignment: NotifyRow): readonly Hop[];
  /** Outstanding over limit, whole percent. */
  room(consumerId: string): number;
  /**
   * Asks the producer's store for the message.
   * @throws RedlinkError `NOT_FOUND` where the producer's store no longer has it for this consumer; `PEER_*` where it cannot be reached.
   */
  fetch(assignment: NotifyRow, readDelayMs: number): Promise<FetchedMessage>;
  /** The consumer begins to fetch it, or has told its flow of it. */
  noteReading(messageId: string): void;
  noteNotified(messageId: string): void;
  /** The fetch came to nothing and may be tried again. */
  noteUnread(messageId: string): void;
  /** The consumer has the whole message. */
  markRead(messageId: string, meta: MessageMeta): void;
  /** Nobody will read it any more: frees its place. */
  dropAssignment(messageId: string): void;
  /**
   * Takes a reply over and delivers it; when the promise is fulfilled it is delivered, or sure to be tried.
   * @throws RedlinkError `PAYLOAD_IO`
   */
  reply(assignment: NotifyRow, payload: Packed, consumerError: Serialised | undefined): Promise<void>;
  /** What became of a message that is no longer assigned to the consumer, as far as remembered. */
  endOf(messageId: string): MessageEnd | undefined;
}
