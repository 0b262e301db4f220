import type { Rate } from '../../src/support/rate-limiter.js';
import type { Weather } from './weather.js';

/** All that is decided before a run begins. Plain data, so that it can be printed and compared. */
export interface Scenario {
  readonly seed: string;
  readonly shape: Shape;
  /** Requests travel as bytes, through the codec, rather than as verbs. */
  readonly inBytes: boolean;
  readonly stores: readonly StorePlan[];
  readonly consumers: readonly ConsumerPlan[];
  readonly producers: readonly ProducerPlan[];
  /** In order of time. */
  readonly actions: readonly Action[];
  /** Moment at which all faults end, ms. */
  readonly healsAtMs: number;
}

export type Shape = 'single' | 'chain' | 'star' | 'tree' | 'ring' | 'diamond' | 'random';

/** Stores, consumers and producers are named by their place in the scenario's lists. */
export type Index = number;

export interface StorePlan {
  readonly name: string;
  readonly norths: readonly { readonly store: Index; readonly redistribute: boolean }[];
  readonly southInsert: boolean;
  readonly interStoreLB: boolean;
  /** How far its time of day is off, ms. */
  readonly wallOffsetMs: number;
  /** False: passes for a 3.0.5 store. */
  readonly modern: boolean;
}

/** What a consumer's flow does with a message. */
export type Manner = 'replies' | 'repliesTwice' | 'repliesWithError' | 'neverReplies';

export interface ConsumerPlan {
  readonly id: string;
  readonly store: Index;
  readonly service: string;
  readonly inTransitLimit: number;
  /** Reads by hand, a while after it was notified. */
  readonly manualRead: boolean;
  readonly rate: Rate | undefined;
  readonly manner: Manner;
  /** Shortest and longest time between a message and its reply, ms. */
  readonly thinkMs: readonly [number, number];
}

export interface ProducerPlan {
  readonly id: string;
  readonly store: Index;
  readonly service: string;
  /** `Infinity`: never gives up. */
  readonly lifetimeMs: number;
  readonly sendOnly: boolean;
  readonly priority: number;
  readonly notifyIntervalMs: number;
  /** Takes its replies by hand, a while after it was told of them. */
  readonly manualRead: boolean;
  readonly rate: Rate | undefined;
  readonly reversePath: boolean;
  readonly redeliver: boolean;
  readonly maxDeliver: number;
}

/** Something that is done to the mesh from outside, at a moment (ms since the start). */
export type Action = { readonly atMs: number } & (
  | { readonly kind: 'send'; readonly producer: Index; readonly payload: PayloadKind }
  | { readonly kind: 'detach' | 'attach'; readonly consumer: Index }
  /** `killed`: the process dies, instead of closing in order. */
  | { readonly kind: 'close'; readonly store: Index; readonly killed: boolean }
  | { readonly kind: 'open'; readonly store: Index }
  | { readonly kind: 'weather'; readonly weather: Weather }
  | { readonly kind: 'separate'; readonly stores: readonly [Index, Index] }
  | { readonly kind: 'heal' }
);

/** Whether nothing is done to the mesh but to send messages. */
export function isFair(scenario: Scenario): boolean {
  return scenario.actions.every((action) => action.kind === 'send' || action.kind === 'heal');
}

/** Sorts of payload: ordinary ones, those that 3.0.5 could not carry, and one that goes to disk. */
export const PAYLOAD_KINDS = [
  'object',
  'text',
  'zero',
  'false',
  'null',
  'none',
  'empty',
  'buffer',
  'large',
] as const;
export type PayloadKind = (typeof PAYLOAD_KINDS)[number];
