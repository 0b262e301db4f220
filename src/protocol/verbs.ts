import type { Address } from './address.js';
import type { Probe, ProbeAnswer, Recall, RecallAnswer } from './link-verbs.js';
import type { PayloadSource } from './payload-source.js';

export type { Probe, ProbeAnswer, Recall, RecallAnswer };

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
}

/** Simple acknowledgement. `unknownPeer` is the 404 of WIRE 3: "I have no such north peer". */
export interface Acknowledged {
  readonly kind: 'acknowledged' | 'unknownPeer';
  /** To an announcement, between new stores: the store was not known here (any more), and must tell all again. */
  readonly wasUnknown?: boolean;
}

/** One store on the way of a notify. */
export interface Hop {
  readonly storeName: string;
  readonly address: Address;
  readonly reversePath: boolean;
}

/** What an offer and its confirmation both say of the message. */
export interface OfferedMessage {
  readonly service: string;
  readonly messageId: string;
  readonly producerId: string;
  /** The producer's store. */
  readonly source: { readonly storeName: string; readonly address: Address };
  /** Whether read and reply travel the way of the notify (true) or straight to the source. */
  readonly reversePath: boolean;
  /** Stores passed so far, the producer's own first. */
  readonly path: readonly Hop[];
  /** Hop count of the route that the sender chose. */
  readonly hopCount: number;
}

/** A producer's store asks whether some consumer has room for a message. */
export interface Offer extends OfferedMessage {
  readonly verb: 'offer';
}

export type OfferAnswer =
  | {
      readonly kind: 'accepted';
      readonly consumerId: string;
      /** The consumer's store. */
      readonly consumerStore: string;
      readonly room: number;
      readonly path: readonly Hop[];
    }
  | {
      readonly kind: 'noRoom';
      readonly path: readonly Hop[];
      /** The store that has the service, but no room for the message; absent where no way to the service is known. */
      readonly consumerStore?: string;
      /** Every store that has refused sends a {@link Vacancy} when it has room: asking again before is idle. */
      readonly willInvite?: boolean;
    };

/**
 * A store that had no room for offers of the receiver has room again. Only for stores that speak more
 * than version 3, and that were refused and have not asked since.
 */
export interface Vacancy {
  readonly verb: 'vacancy';
  readonly service: string;
  /** How many messages the receiver, and whom it refused itself, may offer now; they are waited for. */
  readonly places: number;
  /** Load of the service's consumers there, percent. */
  readonly room: number;
  /** The store that sends this, and that is to be offered to. */
  readonly via: Address;
}

export interface VacancyAnswer {
  readonly kind: 'invited';
  /** How many messages will be offered now: at most as many as there are places. */
  readonly coming: number;
  /** Whether more than these wait for room: the receiver is to be asked again. */
  readonly more: boolean;
}

/** The producer's store assigns the message to the consumer that an offer's answer named. */
export interface Confirm extends OfferedMessage {
  readonly verb: 'confirm';
  readonly consumerId: string;
  /** Milliseconds until the producer gives up, `Infinity`: never; undefined from a 3.0.5 store. */
  readonly deadlineInMs: number | undefined;
  /**
   * Names the assignment, where every store on the way speaks more than version 3: then reads and
   * replies name it too, the read is confirmed with {@link Taken} and the lease renewed with {@link Renew}.
   */
  readonly token: string | undefined;
  /** Stores still to pass, the receiver first. */
  readonly remaining: readonly Hop[];
}

export type ConfirmAnswer =
  | {
      readonly kind: 'confirmed';
      readonly consumerId: string;
      readonly consumerStore: string;
      readonly service: string;
      readonly room: number;
      /** Whether the consumer's store was told the token, and so renews the lease. */
      readonly leased: boolean;
    }
  | { readonly kind: 'refused'; readonly consumerId: string; readonly service: string };

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

/** What a reader learns of a message besides its payload. */
export interface MessageMeta {
  readonly messageId: string;
  readonly storeName: string;
  readonly service: string;
  readonly read: boolean;
  readonly sendOnly: boolean;
  readonly producerId: string;
  /** What stays at the producer, serialised; empty text where there is none or it does not fit. */
  readonly preserved: string;
  /** Epoch milliseconds of acceptance. */
  readonly acceptedEpochMs: number;
  readonly priority: number;
  readonly large: boolean;
  /** Whole seconds since acceptance. */
  readonly ageS: number;
  /** Whole seconds since the notify. */
  readonly sinceNotifyS: number;
  readonly reversePath: boolean;
  /** Empty text where a relay left it out. */
  readonly consumerId: string;
  /** Milliseconds until the producer gives up; undefined from a 3.0.5 store, `Infinity`: never. */
  readonly deadlineInMs: number | undefined;
  /** Which delivery of the message this is, from 1; a 3.0.5 store knows of no second. */
  readonly deliveryCount: number;
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
  /** Stores still to pass on the way back; empty: the receiver is the producer's store. */
  readonly path: readonly Hop[];
}

/** `stale`: the message is no longer this consumer's, which must forget it. */
export interface TakenAnswer {
  readonly kind: 'taken' | 'stale';
}

/** A consumer's store still has these messages, read or not: their leases go on. */
export interface Renew {
  readonly verb: 'renew';
  readonly consumerStore: string;
  readonly held: readonly HeldMessage[];
  /** Stores still to pass on the way back; empty: the receiver is the producer's store. */
  readonly path: readonly Hop[];
}

export interface HeldMessage {
  readonly messageId: string;
  readonly token: string;
}

/** Which of them are no longer that store's: it forgets them. */
export interface RenewAnswer {
  readonly kind: 'renewed';
  readonly stale: readonly string[];
}
