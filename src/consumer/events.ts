import type { Hop, MessageMeta } from '../protocol/verbs.js';
import type { ErrorCode, RedlinkError } from '../support/errors.js';

/** A notify as the flow gets it. */
export interface NotifyNotice {
  readonly messageId: string;
  readonly producerId: string;
  readonly sourceStore: string;
  /** `host:port`. */
  readonly sourceAddress: string;
  readonly path: readonly Hop[];
  /** How often the flow was told of this message, this time included. */
  readonly notifyCount: number;
}

/** A message as the flow gets it. */
export interface ReceivedMessage {
  readonly meta: MessageMeta;
  /** The whole message that went into the producer. */
  readonly message: unknown;
  /** Outstanding over limit, whole percent. */
  readonly room: number;
  readonly readDelayMs: number;
  readonly transportMs: number;
  /** How often the flow had been told of it before this read. */
  readonly notifyCount: number;
}

/** A failure as the flow gets it; `action` as in NODES.md. */
export interface ConsumerFailure {
  readonly action: 'consumerRead' | 'consumerReadWithoutId' | 'consumerReply';
  readonly code: ErrorCode;
  readonly text: string;
  /** Undefined where a read named none and none was waiting. */
  readonly messageId: string | undefined;
  /** Whether the flow asked for what failed, and so gets the failure as its outcome too. */
  readonly asked: boolean;
}

/** What came of something that the flow asked for: undefined, or the failure that its failure output got. */
export type Outcome = RedlinkError | undefined;

/** What a consumer gives to its flow. */
export interface ConsumerEvents {
  notified(notice: NotifyNotice): void;
  received(message: ReceivedMessage): void;
  failed(failure: ConsumerFailure): void;
  /** The count of waiting notifies has changed. */
  changed(): void;
}
