import type { Address } from './address.js';
import type { Probe, ProbeAnswer, Recall, RecallAnswer } from './link-verbs.js';
import type { MessageMeta } from './message-meta.js';
import type {
  Confirm,
  ConfirmAnswer,
  Hop,
  Offer,
  OfferAnswer,
  Vacancy,
  VacancyAnswer,
} from './offer-verbs.js';
import type { PayloadSource } from './payload-source.js';
import type { Turn } from './turn.js';

export type { MessageMeta, Probe, ProbeAnswer, Recall, RecallAnswer, Turn };
export type {
  Confirm,
  ConfirmAnswer,
  EnclosedMessage,
  Hop,
  Offer,
  OfferAnswer,
  OfferedMessage,
  OfferTerms,
  Vacancy,
  VacancyAnswer,
} from './offer-verbs.js';

/**
 * What stores say to each other, in the core's own terms. `protocol/v3/` translates to and from the
 * wire of 3.0.5; nothing beyond it knows the wire's names (docs/PROTOCOL.md).
 */
export type Verb =
  Announce | Advertise | Offer | Vacancy | Confirm | Read | Renew | Reply | Taken | Probe | Recall;

/** What a verb is called. */
export type VerbName = Verb['verb'];

/** The verb of a name. */
export type VerbNamed<Name extends VerbName> = Extract<Verb, { verb: Name }>;

/** What an answerer gives back, by the verb that was asked. */
export interface AnswerTo {
  announce: Acknowledged;
  advertise: Acknowledged;
  offer: OfferAnswer;
  vacancy: VacancyAnswer;
  confirm: ConfirmAnswer;
  read: ReadAnswer;
  reply: ReplyAnswer;
  renew: RenewAnswer;
  taken: TakenAnswer;
  probe: ProbeAnswer;
  recall: RecallAnswer;
}

/** What a peer that speaks more than version 3 says of itself. Absent for a 3.0.5 store. */
export interface Capabilities {
  /** Highest protocol version spoken: 4 for this release. */
  readonly version: number;
  /** Changes at each start of the store: tells a restarted store from a repeated request. */
  readonly bootId: string;
  /** The store's own name, `mesh:store`. */
  readonly storeName: string;
}

/** A store makes itself known to a north peer, at start and at every resync. */
export interface Announce {
  readonly verb: 'announce';
  /** Where the announcing store wants to be reached. */
  readonly from: Address;
  readonly capabilities: Capabilities | undefined;
  /** The announcing store had lost the other one, and with it all that it was told: it must hear it again. */
  readonly hadLostYou: boolean;
}

/** Which way an advertisement travels; `local` is a store telling itself. */
export type Heading = 'local' | 'north' | 'south' | 'resync';

/** The load of a consumer as its store, or a store on the way to it, last knew it. */
export interface Load {
  /** Outstanding messages over in-transit limit, percent; 100 and more: no room. */
  readonly room: number;
  /** Milliseconds from notify to read. */
  readonly readMs: number;
  /** Milliseconds from notify to reply. */
  readonly replyMs: number;
}

/** Where an advertisement comes from and how fresh it is; only new stores say so. */
export interface OriginStamp {
  /** Empty, with a counter of 0, where a 3.0.5 store is the origin: the path alone is known then. */
  readonly bootId: string;
  readonly counter: number;
  /** Names of the stores that it passed, the origin first, the sender last: nobody takes a route through itself. */
  readonly path: readonly string[];
}

/** A consumer offers a service; passed from store to store along configured links. */
export interface Advertise {
  readonly verb: 'advertise';
  readonly heading: Heading;
  readonly service: string;
  readonly consumerId: string;
  /** The store that the consumer is attached to. */
  readonly origin: { readonly storeName: string; readonly address: Address };
  /** Name of the store that passes it on. */
  readonly passedOnBy: string;
  /** The neighbour to send to in order to reach the consumer: the sender of this. */
  readonly via: Address;
  readonly hopCount: number;
  /** Absolute expiry in epoch seconds as 3.0.5 counts it; under 86,400 it is a withdrawal. */
  readonly expiresEpochS: number;
  /** Present where a row of a table is passed on. */
  readonly load: Load | undefined;
  readonly stamp: OriginStamp | undefined;
  /** Between new stores: words about one consumer may overtake each other on the way. */
  readonly turn?: Turn | undefined;
}

/** Simple acknowledgement. `unknownPeer` is the 404 of WIRE 3: "I have no such north peer". */
export interface Acknowledged {
  readonly kind: 'acknowledged' | 'unknownPeer';
  /** To an announcement, between new stores: the store was not known here (any more), and must tell all again. */
  readonly wasUnknown?: boolean;
  /** Never travels. To an announcement: another store answers at that address, and what this one says of it is not believed. */
  readonly isDoubted?: boolean;
}

/** A consumer fetches the message that was assigned to it. */
export interface Read {
  readonly verb: 'read';
  /** Empty text where the request named none. */
  readonly messageId: string;
  readonly producerId: string;
  readonly consumer: { readonly id: string; readonly service: string; readonly storeName: string };
  /** Stores still to pass on the way back; empty: the receiver is the producer's store. */
  readonly path: readonly Hop[];
  /** Milliseconds from notify to this read. */
  readonly readDelayMs: number;
  readonly room: number;
  /**
   * How the message is to travel. `inline`: inside the answer, or `NEEDS_STREAM` where it is too large
   * for that; `stream`: as a stream, because the reader knows that it is. Undefined: whichever fits.
   */
  readonly carriage?: 'inline' | 'stream';
  /** Of the assignment, where the consumer's store was told one. */
  readonly token: string | undefined;
}

export type ReadAnswer =
  | {
      readonly kind: 'found';
      readonly meta: MessageMeta;
      readonly body: PayloadSource;
      /**
       * Called once by whoever carries the body to the reader: true when the whole of it was handed
       * over, false when the reader went away before. Only then does the message count as read.
       */
      readonly settle: (delivered: boolean) => void;
    }
  | { readonly kind: 'notFound'; readonly reason: string };

/** A consumer's answer to a message on its way to the producer. */
export interface Reply {
  readonly verb: 'reply';
  readonly messageId: string;
  readonly producerId: string;
  readonly consumer: {
    readonly id: string;
    readonly service: string;
    /** Absent from some 3.0.5 stores. */
    readonly storeName: string | undefined;
  };
  /** Milliseconds from notify to reply. */
  readonly replyDelayMs: number;
  readonly room: number;
  readonly path: readonly Hop[];
  readonly payload: PayloadSource;
  /** What the consumer set as its error; undefined where it set none. */
  readonly consumerError: PayloadSource | undefined;
  /** Of the assignment, where the consumer's store was told one. */
  readonly token: string | undefined;
}

/** `rejected`: an earlier reply still waits at the producer (WIRE 6). `stale`: the message is no longer this consumer's. */
export interface ReplyAnswer {
  readonly kind: 'received' | 'rejected' | 'stale';
}

/** The consumer's store has the whole message, and gives it to the flow as soon as this is answered. */
export interface Taken {
  readonly verb: 'taken';
  readonly messageId: string;
  readonly producerId: string;
  readonly consumer: { readonly id: string; readonly service: string; readonly storeName: string };
  readonly token: string;
  /** Milliseconds from notify to this, and the consumer's load: there may have been no {@link Read} to say so. */
  readonly readDelayMs: number;
  readonly room: number;
  /** Stores still to pass on the way back; empty: the receiver is the producer's store. */
  readonly path: readonly Hop[];
}

/** `stale`: the message is no longer this consumer's, which must forget it. */
export interface TakenAnswer {
  readonly kind: 'taken' | 'stale';
}

/** A consumer's store still has these messages, read or not: their leases go on. Others have gone with their consumer. */
export interface Renew {
  readonly verb: 'renew';
  readonly consumerStore: string;
  readonly held: readonly HeldMessage[];
  readonly lost: readonly LostMessage[];
  /** Stores still to pass on the way back; empty: the receiver is the producer's store. */
  readonly path: readonly Hop[];
}

export interface HeldMessage {
  readonly messageId: string;
  readonly token: string;
}

/** A message whose consumer has left the flow for good. */
export interface LostMessage extends HeldMessage {
  /** Whether the flow had it: otherwise it is safe to give it to another. */
  readonly read: boolean;
}

/** Which of them are no longer that store's: it forgets them. */
export interface RenewAnswer {
  readonly kind: 'renewed';
  readonly stale: readonly string[];
}
