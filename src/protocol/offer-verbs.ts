import type { Address } from './address.js';
import type { MessageMeta } from './message-meta.js';
import type { PayloadSource } from './payload-source.js';
import type { Turn } from './turn.js';

/** What stores say to each other of a message that looks for a consumer (`verbs.ts` has the rest). */

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
  /**
   * What makes the acceptance an assignment, so that no {@link Confirm} is needed. Undefined towards and from a
   * store that speaks version 3.
   */
  readonly terms?: OfferTerms | undefined;
}

/** The terms of an assignment, as they are told together with the offer. */
export interface OfferTerms {
  /** Names the assignment, as in {@link Confirm}. */
  readonly token: string;
  /** Milliseconds until the producer gives up, `Infinity`: never. */
  readonly deadlineInMs: number;
  /** Tells which of two terms of a message were made later; undefined: its store does not say so. */
  readonly turn?: Turn | undefined;
  /**
   * The message itself, where it is small: then its consumer needs no {@link Read}. It is nobody's before
   * the producer's store has answered {@link Taken}.
   */
  readonly message: EnclosedMessage | undefined;
  /** The message is too large for a batch: its consumer asks for a stream at once, and not for an answer in a batch first. */
  readonly asStream?: boolean | undefined;
}

/** A message inside an offer. */
export interface EnclosedMessage {
  readonly meta: MessageMeta;
  /** In memory. */
  readonly body: PayloadSource;
}

export type OfferAnswer =
  | {
      readonly kind: 'accepted';
      readonly consumerId: string;
      /** The consumer's store. */
      readonly consumerStore: string;
      readonly room: number;
      readonly path: readonly Hop[];
      /** The message is assigned to the consumer by the terms of the offer, and its store renews the lease. */
      readonly assigned?: boolean;
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
