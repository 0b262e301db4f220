import type { ReceivedMessage } from '../../src/consumer/events.js';

/** Gets what its predecessor was given too late. */
type Successor = (message: ReceivedMessage) => void;

/**
 * Messages that were only sent end with their read. Where a deploy ends the flow of their consumer in that very moment,
 * nobody else gets them any more: they wait here for the node that the deploy puts in its place.
 */
export class Successors {
  private readonly present = new Map<string, Successor>();
  private readonly left = new Map<string, ReceivedMessage[]>();

  /** A consumer node is there, and gets what was left for it. @returns how to leave */
  enter(consumerId: string, successor: Successor): () => void {
    this.present.set(consumerId, successor);
    const left = this.left.get(consumerId) ?? [];
    this.left.delete(consumerId);
    for (const message of left) successor(message);
    return () => {
      if (this.present.get(consumerId) === successor) this.present.delete(consumerId);
    };
  }

  /** A consumer node that has left was given a message. */
  leave(consumerId: string, message: ReceivedMessage): void {
    const successor = this.present.get(consumerId);
    if (successor !== undefined) {
      successor(message);
      return;
    }
    const left = this.left.get(consumerId) ?? [];
    this.left.set(consumerId, left);
    left.push(message);
  }

  /** Drops what nobody will take. @param isComing whether a consumer node is still to enter @returns how much, by consumer node */
  dropAbandoned(isComing: (consumerId: string) => boolean): ReadonlyMap<string, number> {
    const dropped = new Map<string, number>();
    for (const [consumerId, messages] of this.left) {
      if (isComing(consumerId)) continue;
      dropped.set(consumerId, messages.length);
      this.left.delete(consumerId);
    }
    return dropped;
  }
}
