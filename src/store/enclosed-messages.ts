import type { NotifyRow } from '../engine/rows.js';
import type { EnclosedMessage, Hop } from '../protocol/verbs.js';

/** Messages that came inside their offers, until their consumers have them. There are no more than places for them. */
export class EnclosedMessages {
  private readonly messages = new Map<string, EnclosedMessage & { readonly token: string }>();

  /** @param path the stores that the offer passed, this one last */
  keep(
    { meta, body }: EnclosedMessage,
    { token, consumerId, path }: { token: string; consumerId: string; path: readonly Hop[] },
  ): void {
    // As with one that is read: a store on the way leaves out for whom it is (WIRE 6).
    const isDirect = path.length <= STORES_OF_A_DIRECT_WAY;
    const told = { ...meta, consumerId: isDirect ? consumerId : '' };
    this.messages.set(meta.messageId, { meta: told, body, token });
  }

  /** The message of an assignment; undefined where it must be read. */
  of({ messageId, token }: NotifyRow): EnclosedMessage | undefined {
    const kept = this.messages.get(messageId);
    return kept?.token === token ? kept : undefined;
  }

  forget(messageId: string): void {
    this.messages.delete(messageId);
  }
}

/** The producer's and the consumer's. */
const STORES_OF_A_DIRECT_WAY = 2;
