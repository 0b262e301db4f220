import type { ConsumerPlan, Index, ProducerPlan } from '../scenario.js';
import type { Outcome } from '../ledger.js';

/** Something that came out of a producer. */
export interface End extends Outcome {
  /** It says that the flow may have had it before. */
  readonly mayRepeat: boolean;
}

/** A message that came out of a consumer. */
export interface Delivery {
  readonly atMs: number;
  readonly consumer: ConsumerPlan;
  readonly payload: string;
  readonly count: number;
  /** What the flow has sent back for it. */
  readonly replies: string[];
}

/** All that the flows know of one message. */
export interface Story {
  readonly id: string;
  readonly producer: ProducerPlan;
  readonly payload: string;
  readonly sentAtMs: number;
  /** Undefined: its store has not said so, and nobody knows. */
  acceptedAtMs: number | undefined;
  readonly deliveries: Delivery[];
  readonly ends: End[];
  /** Another store's consumer counts as having it. */
  takenOff: boolean;
  /** A process in which a consumer of its service was has died since it was sent. */
  consumersDied: boolean;
  /** Deaths of its producer's process just after an end of it. */
  deathsAtEnd: number;
  /** Nothing is owed any more: it was accepted in the last second before a power cut, at a store that is only crash-safe. */
  excused: boolean;
  /** A power cut took away what had become of it. */
  blurred: boolean;
}

/** Whether a message's producer is at that store. */
export function isAt(story: Story, store: Index): boolean {
  return story.producer.store === store;
}

/** A message and its life in one line. */
export function tell(story: Story): string {
  const { producer } = story;
  const at = (ms: number | undefined): string => (ms === undefined ? 'never' : ms.toFixed(1));
  return [
    `${producer.sendOnly ? 'sendOnly ' : ''}message ${story.id} of ${producer.id} (sent@${at(story.sentAtMs)}`,
    `accepted@${at(story.acceptedAtMs)}`,
    ...story.deliveries.map(({ consumer, count, atMs }) => `delivery ${count} to ${consumer.id}@${at(atMs)}`),
    ...story.ends.map(({ kind, content, atMs, read }) => `${kind} ${content} read ${read}@${at(atMs)}`),
    `${story.deathsAtEnd} deaths at its end)`,
  ].join(', ');
}
