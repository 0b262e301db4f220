import type { MessageRow } from '../engine/rows.js';
import type { OfferedMessage, OfferTerms, VacancyAnswer } from '../protocol/verbs.js';
import type { Neighbour } from './neighbours.js';

/** What the parts that offer messages need of each other and of their store. */

/** The store's queued messages, as the pump uses them. */
export interface OfferSource {
  /** Takes the message to offer next; undefined where none of the service is queued. */
  takeReady(service: string): MessageRow | undefined;
  peekReady(service: string): MessageRow | undefined;
  /** How many messages of the service are queued. */
  readyCount(service: string): number;
  readyServices(): Iterable<string>;
  /** Whether the message is still there and still being offered. */
  stillOffering(row: MessageRow): boolean;
  /** Nobody took it: back to its place in the queue. */
  requeue(row: MessageRow): void;
  /**
   * The terms under which the message is offered now: whoever accepts them has it.
   * @param via key of the neighbour
   * @param carries whether the message itself may go that way
   */
  openTerms(row: MessageRow, via: string, carries: boolean): OfferTerms;
  /** Nobody has accepted them; from now on they mean nothing. */
  closeTerms(row: MessageRow): void;
  /** They were accepted, and the consumer's store has entered the assignment. */
  termsAccepted(row: MessageRow, token: string, to: { consumerId: string; consumerStore: string }): void;
  /** @returns the token that names the assignment */
  assign(row: MessageRow, to: { consumerId: string; consumerStore: string; via: string }): string;
  /** The consumer's store has entered the assignment. @param leased whether it was told the token, and so renews the lease */
  confirmed(row: MessageRow, token: string, leased: boolean): void;
  /** The assignment came to nothing before the read: back to the queue. */
  retract(row: MessageRow): void;
}

/** The consumers attached to the store, as the pump uses them. */
export interface LocalDesk {
  /** Whether a consumer of the service is attached: then nothing of it is offered elsewhere. */
  serves(service: string): boolean;
  /** @returns the attached consumer with room that gets the next message, or undefined. */
  pick(service: string): string | undefined;
  /** Enters the message for the consumer. */
  enter(message: OfferedMessage, consumerId: string, terms: EntryTerms): void;
}

/** What is known of a message that a consumer is given. */
export interface EntryTerms {
  readonly sendOnly: boolean;
  /** Milliseconds until its producer gives up; undefined: not known. */
  readonly deadlineInMs: number | undefined;
  /** Names the assignment; empty: a store on the way speaks version 3, and the token is not told. */
  readonly token: string;
}

/** A failed call is reported here; the mesh draws its conclusions. */
export interface FailureSink {
  neighbourFailed(neighbour: Neighbour, cause: unknown): void;
}

/** The line of all who wait for room of a service, as far as this store's own messages stand in it. */
export interface OwnPlace {
  /** Whether they may take one more place of this store's consumers. */
  takesOwn(service: string): boolean;
  waitsOwn(service: string): void;
  leavesOwn(service: string): void;
}

/** This store's own messages, as far as they wait for room. */
export interface OwnMessages {
  /** Places are kept at this store's own consumers. */
  roomHere(service: string): void;
  /** So many messages may be offered to the neighbour. */
  roomAt(service: string, neighbour: Neighbour, places: number): VacancyAnswer;
}
