/**
 * The rows of the engine's tables. Every column is a primitive, because each is bound to a `?` of a
 * compiled statement. `store/listing.ts` translates them to the columns that users see (NODES.md).
 */

/** How far a message of a producer has come. */
export type MessageState =
  | 'queued'
  | 'offering'
  | 'assigned'
  | 'read'
  | 'replied'
  /** It has failed, and its failure output has not been told yet. */
  | 'failed';

/** `inMessages`: a message that this store has accepted from one of its producers. */
export interface MessageRow {
  readonly id: string;
  readonly service: string;
  readonly producerId: string;
  /** Higher is served first. */
  readonly priority: number;
  /** Order of acceptance in this store. */
  readonly sequence: number;
  readonly sendOnly: boolean;
  readonly reversePath: boolean;
  readonly acceptedEpochMs: number;
  /** Monotonic moment of acceptance, ms. */
  readonly acceptedAt: number;
  /** Monotonic moment at which the producer gives up, ms; `Infinity`: never. */
  readonly deadlineAt: number;
  /** The message as JSON text, without `preserved`; empty where it lies in a file. */
  readonly text: string;
  /** What JSON loses of the message, as JSON text; empty for nothing. */
  readonly restore: string;
  /** Name of the payload's file; empty where {@link text} holds it. */
  readonly payloadName: string;
  /** Size of the JSON text, bytes of UTF-8. */
  readonly byteLength: number;
  /** `msg.preserved` as JSON text; empty where the message had none. */
  readonly preserved: string;
  readonly preservedRestore: string;
  /** The flow's own id of the message (`msg._msgid`), given back with its reply or failure. */
  readonly correlationId: string;
  /** How long a service without room is left alone before this message is offered again, ms. */
  readonly notifyIntervalMs: number;
  /** Whether it may be given out again after a read whose outcome is unknown, and how often at most. */
  readonly redeliver: boolean;
  readonly maxDeliver: number;
  state: MessageState;
  /** Consumer that it is assigned to; empty: none. */
  consumerId: string;
  consumerStore: string;
  /** `host:port` of the neighbour that the assignment went through; `local` for a consumer of this store; empty: none. */
  via: string;
  /** Epoch ms of the last assignment; 0: never. */
  notifiedEpochMs: number;
  /** How often it was handed to a consumer. */
  deliveryCount: number;
  /** Names its assignment; empty: it has none, or the consumer's store was not told one. */
  token: string;
}

/** `notify`: a message that was assigned to a consumer of this store. */
export type NotifyState = 'waiting' | 'reading' | 'read' | 'replying';

export interface NotifyRow {
  readonly messageId: string;
  readonly service: string;
  readonly consumerId: string;
  readonly producerId: string;
  readonly sourceStore: string;
  readonly sourceHost: string;
  readonly sourcePort: string;
  /** The stores that the notify passed, as JSON text of `Hop[]`. */
  readonly path: string;
  readonly sequence: number;
  /** Monotonic moment of arrival, ms. */
  readonly notifiedAt: number;
  readonly notifiedEpochMs: number;
  readonly reversePath: boolean;
  sendOnly: boolean;
  /** Names the assignment towards the producer's store; empty: that store, or one on the way, speaks version 3. */
  readonly token: string;
  /** Monotonic moment until which its producer waits for a reply, ms; `Infinity`: for ever, or not known yet. */
  replyBy: number;
  state: NotifyState;
  /** How often the consumer's flow was told of it. */
  notifyCount: number;
}

/** `replyMessages`: a reply that waits for its producer. */
export interface ReplyRow {
  readonly messageId: string;
  readonly producerId: string;
  readonly sequence: number;
  /** The payload as JSON text; empty where it lies in a file. */
  readonly text: string;
  readonly restore: string;
  readonly payloadName: string;
  readonly byteLength: number;
  /** Whether the consumer set an error. */
  readonly hasError: boolean;
  /** `msg.cerror` as JSON text. */
  readonly errorText: string;
  readonly errorRestore: string;
  /** Whether the flow may have had it before: it comes from before a crash. */
  mayRepeat: boolean;
  /** Whether the producer has taken it. */
  read: boolean;
}

/** `localStoreConsumers`: a consumer attached to this store. */
export interface ConsumerRow {
  readonly consumerId: string;
  readonly service: string;
  /** Most messages read or assigned and not yet replied; 0: paused. */
  readonly inTransitLimit: number;
}

/** `globalStoreConsumers`: one way to one consumer. Several rows per consumer, one per neighbour. */
export interface RouteRow {
  readonly service: string;
  readonly consumerId: string;
  /** The store that the consumer is attached to. */
  readonly storeName: string;
  readonly storeHost: string;
  readonly storePort: string;
  /** `local`: attached here; `north`/`south`: learned from a peer on that side. */
  readonly direction: 'local' | 'north' | 'south';
  /** The link that it was learned over: side and `host:port`; `local` for a consumer of this store. */
  readonly via: string;
  readonly viaHost: string;
  readonly viaPort: string;
  hopCount: number;
  /** Expiry as the peer stated it, epoch seconds; shown and passed on, never counted on. */
  expiresEpochS: number;
  /** Own monotonic expiry, ms; `Infinity` for a local consumer. */
  expiresAt: number;
  /** Monotonic moment of the last load figure, ms. */
  loadAt: number;
  /** Outstanding over limit, percent. */
  room: number;
  readMs: number;
  replyMs: number;
  /** Freshness from a new store; empty/0 from 3.0.5. */
  bootId: string;
  counter: number;
  /** Store names on the way, the origin first, as JSON text of `string[]`; empty from 3.0.5. */
  path: string;
}

/** `stores`: the store itself. */
export interface StoreRow {
  readonly storeName: string;
  readonly storeHost: string;
  readonly storePort: string;
}
