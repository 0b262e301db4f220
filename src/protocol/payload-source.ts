/**
 * A serialised value on its way: JSON text or parts, in memory, on disk or still arriving. It is always
 * opened as a stream, so that nobody has to hold a large one (DESIGN.md, "Payloads").
 */
export interface PayloadSource {
  /**
   * What the bytes of {@link open} are: `utf8`, the JSON text as UTF-8; `codec`, the same text in
   * the base64-of-UTF-16LE form of version 3, kept as it arrived so that a relay need not recode it; or
   * `parts`, a value whose large Buffers and strings are raw bytes (`parts/head.ts`).
   */
  readonly encoding: 'utf8' | 'codec' | 'parts';
  /** The JSON text where it is in memory, else undefined. */
  readonly text: string | undefined;
  /** Number of bytes that {@link open} gives; undefined while they are still arriving. */
  readonly byteLength: number | undefined;
  /** What JSON alone would lose; undefined where nothing would be. */
  readonly restore: Restore | undefined;
  /**
   * The bytes. A stored source can be opened again and again, an arriving one once.
   * The iteration throws where the bytes end early; breaking out of it releases file and socket.
   */
  open(): AsyncIterable<Uint8Array>;
}

/** The way to a value inside a JSON document: property names and array indexes from the root. */
export type JsonPath = readonly (string | number)[];

/** Values that JSON cannot tell from others, by their place in the document. */
export interface Restore {
  /** The value itself is `undefined`; its text is `null`. */
  readonly isUndefined?: true;
  /** Node Buffers, in the text as `{"type":"Buffer","data":[…]}`. */
  readonly buffers?: readonly JsonPath[];
  /** Dates, in the text as ISO 8601. */
  readonly dates?: readonly JsonPath[];
}
