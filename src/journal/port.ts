/**
 * What a store writes down so that it survives the death of its process (DESIGN.md, "Journal").
 * `message`: a message that was accepted. `mark`: what has become of it since. `reply`: a reply that
 * waits for its producer. `keptReply`: a reply whose way to the producer's store is not open yet.
 */
export type RecordKind = 'message' | 'mark' | 'reply' | 'keptReply';

/** One change: a record is written, in place of the one with the same kind and id, or removed if it is there. */
export type JournalWrite =
  | { readonly put: RecordKind; readonly id: string; readonly value: string }
  | { readonly remove: RecordKind; readonly id: string };

export interface JournalRecord {
  readonly id: string;
  readonly value: string;
}

/** What a journal found when it was opened, besides its records. Worth a line in the log where not empty. */
export interface JournalOpening {
  /** What was there could not be used. It lies untouched in `folder` now, and the journal began anew. */
  readonly setAside?: { readonly folder: string; readonly why: string };
  /**
   * Journals that earlier starts have set aside, or kept at another level, are still there: they may name files
   * of payloads that this one does not.
   */
  readonly liesAside?: boolean;
  /**
   * The last thing written is not whole, as after a power cut, and was left out. Says where. Nothing
   * of it had been promised to survive that.
   */
  readonly cutOff?: string;
}

/**
 * `crash-safe`: what was written survives the death of the process at once, a power cut after about a
 * second. `power-safe`: survives a power cut too. `memory`: survives nothing.
 */
export type JournalLevel = 'crash-safe' | 'power-safe' | 'memory';

/**
 * Keeps what a store must not lose. Adapters: `level.ts` (disk), `none.ts` (nothing is kept),
 * `memory.ts` (simulation). Both that keep something pass one suite, `test/journal/compliance.ts`.
 */
export interface Journal {
  readonly level: JournalLevel;
  /**
   * Comes before everything else. May be tried again after it failed.
   * @throws RedlinkError `JOURNAL_LOCKED` (another store or process has it; the text says which
   *   folder), `JOURNAL_UNAVAILABLE` (this machine cannot run the database), `JOURNAL_IO` (the disk).
   */
  open(): Promise<JournalOpening>;
  /**
   * All records of a kind as they are at the first step, in the order of the UTF-8 bytes of their ids.
   * @throws RedlinkError `JOURNAL_IO`, `CLOSED`.
   */
  read(kind: RecordKind): AsyncIterable<JournalRecord>;
  /**
   * Carries out all of the writes or none, and calls in their order. Fulfilled when they survive what
   * the level promises. Calls that come while the disk is busy share one access to it, and its failure.
   * @throws RedlinkError `JOURNAL_IO` (nothing has changed; a later call may go well again), `CLOSED`.
   */
  write(writes: readonly JournalWrite[]): Promise<void>;
  /** Ends what is under way, makes it last, and lets others open the journal. Never fails. */
  close(): Promise<void>;
}
