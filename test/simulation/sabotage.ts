import type { Store } from '../../src/store/store.js';
import type { Answerer } from '../../src/transport/port.js';
import type { ConsumerPlan, ProducerPlan } from './scenario.js';
import type { StoreClock } from './virtual-clock.js';

/** Places where a test breaks a mesh on purpose. Each left out does nothing. */
export interface Sabotage {
  /** The limit that a consumer is attached with, in place of its own. */
  readonly limitOf?: (plan: ConsumerPlan) => number;
  /** The lifetime that a message is sent with, in place of its own. */
  readonly lifetimeOf?: (plan: ProducerPlan) => number;
  /** Stands between the network and a store. */
  readonly answererOf?: (store: Store) => Answerer;
  /** Stands between a consumer and its flow: `emit` brings the payload to the flow. */
  readonly delivered?: (emit: (payload: unknown) => void, payload: unknown) => void;
  /** After each message that a store has accepted. */
  readonly accepted?: (store: Store, clock: StoreClock, messageId: string) => void;
}
