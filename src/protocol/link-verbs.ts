import type { Address } from './address.js';

/** Is the store at work? It is asked when it owes answers and gives none. Only for stores that speak more than version 3. */
export interface Probe {
  readonly verb: 'probe';
}

export interface ProbeAnswer {
  readonly kind: 'alive';
  /** Which start of which store it is that answers. */
  readonly bootId: string;
}

/** A north has lost this store: will it announce itself again? Only for stores that speak more than version 3. */
export interface Recall {
  readonly verb: 'recall';
  /** The north, as this store knows it. */
  readonly by: Address;
}

/** It will, if the asking store is a north of its own. */
export interface RecallAnswer {
  readonly kind: 'coming';
}
