import type { NotifyRow } from '../engine/rows.js';
import type { EnclosedMessage, Hop, OfferTerms } from '../protocol/verbs.js';

/** What offers brought of their messages, until their consumers have them. There are no more than places for them. */
export class EnclosedMessages {
  private readonly messages = new Map<string, EnclosedMessage & { readonly token: string }>();
  /** Tokens of the assignments whose messages are too large for a batch, by message. */
  private readonly streams = new Map<string, string>();

  /** @param path the stores that the offer passed, this one last */
  keep(
    messageId: string,
    { token, message, asStream }: OfferTerms,
    { consumerId, path }: { consumerId: string; path: readonly Hop[] },
  ): void {
    if (asStream === true) this.streams.set(messageId, token);
    if (message === undefined) return;
    // As with one that is read: a store on the way leaves out for whom it is (WIRE 6).
    const isDirect = path.length <= STORES_OF_A_DIRECT_WAY;
    const told = { ...message.meta, consumerId: isDirect ? consumerId : '' };
    this.messages.set(messageId, { meta: told, body: message.body, token });
  }

  /** The message of an assignment; undefined where it must be read. */
  of({ messageId, token }: NotifyRow): EnclosedMessage | undefined {
    const kept = this.messages.get(messageId);
    return kept?.token === token ? kept : undefined;
  }

  /** Whether the message of an assignment must be read as a stream. Where it is not known, asking for it tells. */
  comesAsStream({ messageId, token }: NotifyRow): boolean {
    return this.streams.get(messageId) === token;
  }

  forget(messageId: string): void {
    this.messages.delete(messageId);
    this.streams.delete(messageId);
  }
}

/** The producer's and the consumer's. */
const STORES_OF_A_DIRECT_WAY = 2;
