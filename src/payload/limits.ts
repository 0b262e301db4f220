/**
 * Characters of the longest JSON text that is written or read. An array of 2^27 elements ends the whole
 * process (V8's "invalid size error"), and needs no more than two characters for each.
 */
export const MAX_TEXT_CHARS = 2 ** 28;

/**
 * Deepest nesting of objects and arrays that is written. V8 writes about 4,000 levels before its
 * stack overflows, and what a flow does with a message (clone, debug) takes fewer.
 */
export const MAX_DEPTH = 1_000;

/** Deepest nesting that is read: a Buffer, as the innermost value, is an array in an object. */
export const MAX_TEXT_DEPTH = MAX_DEPTH + 2;
