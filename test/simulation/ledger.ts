import type { ConsumerPlan, Index, ProducerPlan } from './scenario.js';

/** What a flow saw of a message at a producer's output. */
export interface Outcome {
  readonly kind: 'reply' | 'errorReply' | 'failure';
  readonly atMs: number;
  /** The payload of a reply, the code of a failure; as text to compare. */
  readonly content: string;
  readonly preserved: string;
  /** Of a failure: whether somebody may have read the message. */
  readonly read: boolean;
}

/** A message that came out of a consumer. */
export interface Delivery {
  readonly atMs: number;
  readonly consumer: ConsumerPlan;
  /** Which attachment of the consumer it was: counts up with each. */
  readonly attachment: number;
  readonly payload: string;
  readonly redelivered: boolean;
  /** What the consumer's flow has sent back for it. */
  readonly replies: string[];
}

/** All that is known of one accepted message. */
export interface Entry {
  readonly id: string;
  readonly producer: ProducerPlan;
  readonly payload: string;
  readonly preserved: string;
  readonly acceptedAtMs: number;
  readonly deadlineAtMs: number;
  readonly deliveries: Delivery[];
  readonly outcomes: Outcome[];
  /** The network took all of it off the producer's store: it counts as read, whatever the reader got. */
  takenOff: boolean;
  /** Its store went away, and its memory with it: nothing more is owed. */
  excused: boolean;
}

/**
 * The simulation's own book on every message, kept apart from the stores: what was accepted, what came
 * out where. The invariants compare the two.
 */
export class Ledger {
  readonly entries = new Map<string, Entry>();
  /** Events that fit no accepted message, or fit it wrongly: each is a violation. */
  readonly strange: string[] = [];

  accepted(id: string, producer: ProducerPlan, payload: string, preserved: string, atMs: number): void {
    if (this.entries.has(id)) this.strange.push(`${id} was accepted twice`);
    this.entries.set(id, {
      id,
      producer,
      payload,
      preserved,
      acceptedAtMs: atMs,
      deadlineAtMs: atMs + producer.lifetimeMs,
      deliveries: [],
      outcomes: [],
      takenOff: false,
      excused: false,
    });
  }

  /** A message came out of a consumer. */
  delivered(id: string, delivery: Delivery): void {
    const entry = this.entries.get(id);
    if (entry === undefined) this.strange.push(`${delivery.consumer.id} got ${id}, which nobody sent`);
    else entry.deliveries.push(delivery);
  }

  /** The network has taken the whole of a message off its store. */
  takenOff(id: string): void {
    const entry = this.entries.get(id);
    if (entry !== undefined) entry.takenOff = true;
  }

  /** Something came out of a producer. */
  ended(id: string, producer: ProducerPlan, outcome: Outcome): void {
    const entry = this.entries.get(id);
    if (entry === undefined) this.strange.push(`${producer.id} got an outcome of ${id}, which nobody sent`);
    else if (entry.producer !== producer)
      this.strange.push(`${producer.id} got the outcome of another's ${id}`);
    else entry.outcomes.push(outcome);
  }

  /** A store lost its memory. */
  excuse(store: Index): void {
    for (const entry of this.entries.values()) {
      if (entry.producer.store === store) entry.excused = true;
    }
  }

  /** Whether nothing more is owed to the message. */
  isOver(entry: Entry): boolean {
    if (entry.excused || entry.outcomes.length > 0) return true;
    return entry.producer.sendOnly && (entry.deliveries.length > 0 || entry.takenOff);
  }
}
