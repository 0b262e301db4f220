import type { Journal } from '../../../src/journal/port.js';
import type { PayloadStore } from '../../../src/payload/port.js';
import type { Delivery, End } from './story.js';

/** Places where a test breaks the stores on purpose. Each left out does nothing. */
export interface CrashSabotage {
  readonly journal?: (journal: Journal) => Journal;
  readonly payloads?: (payloads: PayloadStore) => PayloadStore;
  /** How far the time of day is off at a start of a store, ms; the starts are counted. */
  readonly wallOffsetMs?: (start: number) => number;
  /** How long a producer that reads by hand takes to do so, ms. */
  readonly readsAfterMs?: number;
  /** What is taken for having come out of a consumer. */
  readonly delivery?: (delivery: Delivery) => Delivery;
  /** What is taken for having come out of a producer, as often as it is in the list. */
  readonly end?: (end: End) => readonly End[];
}
