/**
 * Time as a port. Nothing in `src/` outside an adapter reads the system's clock or sets a timer
 * itself, so that the whole core can run on a virtual clock (docs/ARCHITECTURE.md, "Ports").
 */
export interface Clock {
  /** Monotonic milliseconds since some fixed moment. Deadlines, leases and lifetimes count on this one. */
  now(): number;
  /** Wall-clock time, milliseconds since the epoch. Only for what a person or a 3.0.5 peer is shown. */
  wall(): number;
  /** Calls `fire` once, `delayMs` from now. A delay of 0 or less means: as soon as other work had its turn. */
  after(delayMs: number, fire: () => void): Timer;
  /** Calls `fire` after the work at hand, before anything from outside: for handing over between loops. */
  soon(fire: () => void): void;
}

/** A pending call made with {@link Clock.after}. */
export interface Timer {
  /** Makes the call not happen. Harmless after it has happened. */
  cancel(): void;
}

/** Milliseconds in a second: the wire and the flows count in seconds, the core in milliseconds. */
export const MS_PER_SECOND = 1_000;
