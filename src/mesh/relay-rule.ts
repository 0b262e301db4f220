import type { Side } from './neighbours.js';

/** The side that a word was learned from, and whether that link `redistribute`s. */
export interface LearnedFrom {
  readonly direction: 'local' | Side;
  /** Only of a north. */
  readonly redistribute: boolean;
}

/** Whether what was learned from one side may be told to the other. */
export type RelayRule = (learned: LearnedFrom, to: Side) => boolean;

/**
 * Who may hear of a consumer through this store (WIRE 3, "Who sees what"): services pass north→north,
 * north→south and south→north; between two norths of this store only where the link they were learned
 * over has `redistribute`, and then only southwards.
 */
export const consumersPass: RelayRule = (learned, to) => {
  switch (learned.direction) {
    case 'local':
    case 'south':
      return true;
    case 'north':
      return to === 'south' && learned.redistribute;
  }
};

/**
 * Who may hear of a store through this one. Reads and replies go against the way of the services, so
 * that a store is known wherever a service of it could be, or could come from: everywhere but from
 * one north of this store to another.
 */
export const storesPass: RelayRule = (learned, to) => learned.direction !== 'north' || to === 'south';
