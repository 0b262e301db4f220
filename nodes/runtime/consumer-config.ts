import type { ConsumerOptions } from '../../src/consumer/options.js';
import { MS_PER_SECOND } from '../../src/support/clock.js';
import { rateFrom } from './rate-config.js';
import { booleanOr, numberOr, textOf } from './values.js';

/** Defaults of the consumer's properties (NODES.md). */
const DEFAULT_IN_TRANSIT = 1;
const DEFAULT_RE_NOTIFY_S = 1;
/** Never more often than this, ms, whatever the property says. */
const SHORTEST_RE_NOTIFY_MS = 100;

/** What a consumer node is set up with. */
export interface ConsumerConfig {
  readonly options: ConsumerOptions;
  /** `mesh:store`. */
  readonly storeName: string;
  readonly showDebug: boolean;
}

export function readConsumerConfig(
  id: string,
  properties: Readonly<Record<string, unknown>>,
): ConsumerConfig {
  const reNotifyMs = numberOr(properties['reNotifyInterval'], DEFAULT_RE_NOTIFY_S) * MS_PER_SECOND;
  return {
    storeName: textOf(properties['consumerStoreName']),
    showDebug: booleanOr(properties['showDebugReceiveSend'], false),
    options: {
      id,
      service: textOf(properties['name']),
      inTransitLimit: Math.max(0, Math.floor(numberOr(properties['intransit'], DEFAULT_IN_TRANSIT))),
      manualRead: booleanOr(properties['manualReadReceiveSend'], false),
      reNotifyMs: Math.max(SHORTEST_RE_NOTIFY_MS, reNotifyMs),
      rate: rateFrom({
        type: properties['rateTypeReceiveSend'],
        messages: properties['rateReceiveSend'],
        periods: properties['nbRateUnitsReceiveSend'],
        unit: properties['rateUnitsReceiveSend'],
      }),
    },
  };
}
