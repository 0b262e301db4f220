import type { Side } from './neighbours.js';

/**
 * Who may hear of a consumer through this store (WIRE 3, "Who sees what"): services pass north→north,
 * north→south and south→north; between two norths of this store only where the link they were learned
 * over has `redistribute`, and then only southwards.
 */
export function mayPassOn(
  learned: { readonly direction: 'local' | Side; readonly redistribute: boolean },
  to: Side,
): boolean {
  switch (learned.direction) {
    case 'local':
    case 'south':
      return true;
    case 'north':
      return to === 'south' && learned.redistribute;
  }
}
