import type { OfferedMessage } from '../protocol/verbs.js';

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
