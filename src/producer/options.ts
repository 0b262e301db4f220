import type { Rate } from '../support/rate-limiter.js';

/** How a producer is set up; read from the node's configuration (NODES.md, "`redlink producer`"). */
export interface ProducerOptions {
  readonly id: string;
  /** The service it sends to, or undefined: each message names its own. */
  readonly service: string | undefined;
  /** Milliseconds until it gives up on a message; `Infinity`: never. */
  readonly lifetimeMs: number;
  /** How long a service without room is left alone, and how often waiting replies are told of, ms. */
  readonly notifyIntervalMs: number;
  /** Higher is served first. */
  readonly priority: number;
  /** Whether read and reply travel the way of the notify; a message may say otherwise. */
  readonly reversePath: boolean;
  /** No reply is expected: a message is done when it is read. */
  readonly sendOnly: boolean;
  /** Replies are given only when asked for. */
  readonly manualRead: boolean;
  /** At most so many replies are given; undefined: as they come. Not used with manual read. */
  readonly rate: Rate | undefined;
  /** Whether a message may be given out again after a read whose outcome is unknown, and how often. */
  readonly redeliver: boolean;
  readonly maxDeliver: number;
}
