import type { ProducerOptions } from '../../src/producer/options.js';
import { MS_PER_SECOND } from '../../src/support/clock.js';
import { rateFrom } from './rate-config.js';
import { booleanOr, numberOr, textOf } from './values.js';

/** Defaults of the producer's properties (NODES.md). */
const DEFAULT_ETT_S = 300;
const DEFAULT_NOTIFY_INTERVAL_S = 15;
const DEFAULT_MAX_DELIVER = 5;

/** The destination that means: each message names its own in `msg.topic`. */
const BY_TOPIC = 'msg.topic';

/** What a producer node is set up with. */
export interface ProducerConfig {
  readonly options: ProducerOptions;
  readonly name: string;
  /** `mesh:store`. */
  readonly storeName: string;
  /** The property as it is: a service, `msg.topic`, or blank. */
  readonly destination: string;
  readonly showDebug: boolean;
}

export function readProducerConfig(
  id: string,
  properties: Readonly<Record<string, unknown>>,
): ProducerConfig {
  const ettS = numberOr(properties['producerETT'], DEFAULT_ETT_S);
  const destination = textOf(properties['producerConsumer']);
  return {
    name: textOf(properties['name']),
    storeName: textOf(properties['producerStoreName']),
    destination,
    showDebug: booleanOr(properties['showDebug'], false),
    options: {
      id,
      service: destination === BY_TOPIC ? undefined : destination,
      lifetimeMs: ettS < 0 ? Infinity : ettS * MS_PER_SECOND,
      notifyIntervalMs: numberOr(properties['notifyInterval'], DEFAULT_NOTIFY_INTERVAL_S) * MS_PER_SECOND,
      priority: numberOr(properties['priority'], 0),
      reversePath: booleanOr(properties['enforceReversePath'], true),
      sendOnly: booleanOr(properties['sendOnly'], false),
      manualRead: booleanOr(properties['manualRead'], false),
      rate: rateFrom({
        type: properties['rateTypeSendReceive'],
        messages: properties['rateSendReceive'],
        periods: properties['nbRateUnitsSendReceive'],
        unit: properties['rateUnitsSendReceive'],
      }),
      redeliver: booleanOr(properties['redeliver'], false),
      maxDeliver: numberOr(properties['maxDeliver'], DEFAULT_MAX_DELIVER),
    },
  };
}
