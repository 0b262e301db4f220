/** The usual situations, and what a message may cost in each of them. */
import type { Situation } from './counted-mesh.js';
import type { Tally } from './tally.js';

const ONE = { '10.0.0.1': [] };
const TWO = { '10.0.0.1': ['10.0.0.2'], '10.0.0.2': [] };
/** The store between has no north; both ends have it as theirs. */
const RELAY = { '10.0.0.1': ['10.0.0.3'], '10.0.0.3': [], '10.0.0.2': ['10.0.0.3'] };

/** A situation and its row in the table. */
export interface Limited extends Situation {
  /** For each message, at most. Lower it where the code does with less; raise it only with a reason. */
  readonly atMost: Tally;
}

/** Goes into no batch. */
const LARGE = Buffer.alloc(100_000);

const SEND_AND_REPLY = { clones: 0, statements: 3, records: 4 };
const SEND_ONLY = { clones: 0, statements: 2, records: 3 };

export const SITUATIONS: readonly Limited[] = [
  {
    name: 'one process, 1 in flight',
    inFlight: 1,
    stores: ONE,
    sendOnly: false,
    atMost: { ...SEND_AND_REPLY, posts: 0, timers: 2, accesses: 3, textsWritten: 5, textsRead: 2 },
  },
  {
    name: 'one process, 16 in flight',
    inFlight: 16,
    stores: ONE,
    sendOnly: false,
    atMost: { ...SEND_AND_REPLY, posts: 0, timers: 1.1, accesses: 0.3, textsWritten: 5, textsRead: 2 },
  },
  {
    name: 'one process, sendOnly',
    inFlight: 16,
    stores: ONE,
    sendOnly: true,
    atMost: { ...SEND_ONLY, posts: 0, timers: 0.1, accesses: 0.3, textsWritten: 3, textsRead: 1 },
  },
  {
    name: 'two processes, 1 in flight',
    inFlight: 1,
    stores: TWO,
    sendOnly: false,
    atMost: { ...SEND_AND_REPLY, posts: 3, timers: 10.1, accesses: 3, textsWritten: 11, textsRead: 8 },
  },
  {
    name: 'two processes, 16 in flight',
    inFlight: 16,
    stores: TWO,
    sendOnly: false,
    atMost: { ...SEND_AND_REPLY, posts: 0.35, timers: 1.7, accesses: 0.35, textsWritten: 11, textsRead: 8 },
  },
  {
    name: 'two processes, sendOnly',
    inFlight: 16,
    stores: TWO,
    sendOnly: true,
    atMost: { ...SEND_ONLY, posts: 0.3, timers: 0.4, accesses: 0.6, textsWritten: 7, textsRead: 5 },
  },
  {
    name: 'a store between, 1 in flight',
    inFlight: 1,
    stores: RELAY,
    sendOnly: false,
    atMost: { ...SEND_AND_REPLY, posts: 6, timers: 16.1, accesses: 3, textsWritten: 17, textsRead: 14 },
  },
  {
    name: 'a store between, 16 in flight',
    inFlight: 16,
    stores: RELAY,
    sendOnly: false,
    atMost: { ...SEND_AND_REPLY, posts: 1.15, timers: 2.1, accesses: 0.6, textsWritten: 17, textsRead: 14 },
  },
  {
    // Offer, read as a stream, taken; the reply is a stream too.
    name: 'two processes, large and sendOnly',
    inFlight: 1,
    stores: TWO,
    sendOnly: true,
    payload: LARGE,
    atMost: { ...SEND_ONLY, posts: 3, timers: 99, accesses: 99, textsWritten: 99, textsRead: 99 },
  },
];
