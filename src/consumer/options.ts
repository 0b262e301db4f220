import type { Rate } from '../support/rate-limiter.js';

/** How a consumer is set up; read from the node's configuration (NODES.md, "`redlink consumer`"). */
export interface ConsumerOptions {
  readonly id: string;
  /** The service that it offers. */
  readonly service: string;
  /** Most messages read or assigned and not yet replied; 0: takes nothing. */
  readonly inTransitLimit: number;
  /** Messages are fetched only when asked for. */
  readonly manualRead: boolean;
  /** How often a waiting notify is looked at again, ms. */
  readonly reNotifyMs: number;
  /** At most so many automatic reads; undefined: as they come. */
  readonly rate: Rate | undefined;
}
