/** The sender's own count of what it says: tells which of two words about a consumer was said later. */
export interface Turn {
  /** Of the sender: it counts anew after each start. */
  readonly bootId: string;
  readonly counter: number;
}
