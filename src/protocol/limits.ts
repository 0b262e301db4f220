/**
 * How much one request may say. A body beyond these limits is refused before anything is done with
 * it (SECURITY.md, "What must hold in every mode").
 */

/** Bytes of a body, payload streams aside: 3.0.5 sends less than 10 kB, all else is an attack or a mistake. */
export const MAX_BODY_BYTES = 1_048_576;

/** Nested arrays and objects in a body: ours and 3.0.5's nest four deep. */
export const MAX_JSON_DEPTH = 32;

/**
 * Objects and their fields in a body. Ours and 3.0.5's have some hundred; a body of nothing but them would hold up the
 * process for a tenth of a second while it is parsed.
 */
export const MAX_JSON_FIELDS = 10_000;

/** Arrays in a body: as many as hints of {@link MAX_RESTORE_CHARS} can have, and some more. */
export const MAX_JSON_ARRAYS = 100_000;

/** Characters of a service's or a store's name: what a person can still read, and fits a header. */
export const MAX_NAME_CHARS = 256;

/** Characters of a message's or a node's id: UUIDs have 36, Node-RED's ids 16. */
export const MAX_ID_CHARS = 128;

/** Characters of a host: the longest name that DNS knows. */
export const MAX_HOST_CHARS = 253;

/** Highest port of TCP. */
export const MAX_PORT = 65_535;

/** Stores that a notify may pass (DESIGN.md, "Routes"). */
export const MAX_PATH_HOPS = 16;

/** Hop count that is still understood. The mesh drops far lower ones; 3.0.5 counts on without end in a ring. */
export const MAX_HOP_COUNT = 1_000_000;

/** Expiry that is still understood, epoch seconds: the year 5138, beyond any clock that is merely wrong. */
export const MAX_EPOCH_S = 100_000_000_000;

/** Percent of room taken from which on a consumer has none (WIRE 7). */
export const FULL_PERCENT = 100;

/** Largest load that is kept, percent: says "far too much" and stays a whole number that sums up well. */
export const MAX_ROOM_PERCENT = 1_000_000;

/** Characters of `preserved` in codec form that a response header carries; Node gives all headers together 16 kB. */
export const MAX_HEADER_PRESERVED_CHARS = 14_000;

/**
 * Characters of the hints that bring back what JSON loses (`Restore`), as JSON text. Beyond it they
 * are left out: the value then arrives as 3.0.5 would give it. Half of {@link MAX_BODY_BYTES}, so
 * that payload's and error's hints of one reply fit side by side with short ones.
 */
export const MAX_RESTORE_CHARS = 262_144;

/** Characters of a text that a peer gave as its reason: enough for a log line. */
export const MAX_REASON_CHARS = 300;

/** Verbs of one batch: more than a neighbour has under way at its busiest. */
export const MAX_BATCH_VERBS = 256;

/** Characters from which on no further verb joins a batch: with one more of the longest it stays below {@link MAX_BODY_BYTES}. */
export const FULL_BATCH_CHARS = 131_072;

/**
 * Characters of one verb, or one answer, in a batch. What is longer goes as a stream of its own, so that
 * it delays nobody; a message of this length is no quicker in a batch anyway.
 */
export const MAX_BATCHED_CHARS = 65_536;

/** Characters of a message or reply up to which it is tried to put it into a batch. */
export const MAX_BATCHED_PAYLOAD_CHARS = 49_152;

/**
 * Characters of a message up to which it goes inside its offer: even if each of them takes six on the way it fits
 * into {@link MAX_BATCHED_CHARS}, and an offer that is refused has not cost much.
 */
export const MAX_ENCLOSED_CHARS = 8_192;

/** Messages of one renewal of leases: with the longest ids it still fits into {@link MAX_BATCHED_CHARS}. */
export const MAX_RENEWED_MESSAGES = 200;
