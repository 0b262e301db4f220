/** The terms of an offer that is under way. */
export interface OpenTerm {
  readonly token: string;
  /** Key of the neighbour that was asked. */
  readonly via: string;
}

/**
 * The terms under which messages are being offered. The consumer's store may claim the message by them before
 * the answer to the offer is here. Each offer has its own: what a store claims by earlier ones is not its own any more.
 */
export class OpenTerms {
  private readonly terms = new Map<string, OpenTerm>();

  open(messageId: string, term: OpenTerm): void {
    this.terms.set(messageId, term);
  }

  /** The terms of a message, where these are the ones that it is offered under. */
  named(messageId: string, token: string | undefined): OpenTerm | undefined {
    const term = this.terms.get(messageId);
    return term !== undefined && term.token === token ? term : undefined;
  }

  close(messageId: string): void {
    this.terms.delete(messageId);
  }
}
