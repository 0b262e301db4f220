import type { AnswerTo, VerbName, VerbNamed } from '../verbs.js';

/**
 * How one verb travels in a batch (docs/PROTOCOL.md, "Batches"). Wire forms are what JSON can carry; the
 * name of the verb is added and read by `batch.ts`. Decoding checks every field before anything is done with it.
 */
export interface VerbCodec<Name extends VerbName> {
  /** Milliseconds that the asking side waits for the answer, queueing included. */
  readonly answerWithinMs: number;
  /** The verb as it travels; undefined where it is too large for a batch, and must go as a stream. */
  toWire(verb: VerbNamed<Name>): object | undefined;
  /** @throws RedlinkError `BAD_REQUEST` */
  fromWire(wire: unknown): VerbNamed<Name>;
  /** @throws RedlinkError `NEEDS_STREAM` where the answer does not fit into a batch */
  answerToWire(answer: AnswerTo[Name]): object;
  /** @throws RedlinkError `BAD_REQUEST` where the answer makes no sense, `PEER_ANSWER` where it belongs to another verb */
  answerFromWire(wire: unknown, asked: VerbNamed<Name>): AnswerTo[Name];
  /** What is answered where the store fails to handle the verb; without it, the failure itself is. */
  refuse?(asked: VerbNamed<Name>): AnswerTo[Name];
  /** Called once when the answer has gone out (true) or could not (false). */
  sent?(answer: AnswerTo[Name], delivered: boolean): void;
}

/** Small verbs: a store that needs longer is not there, for who waits for it. */
export const SMALL_VERB_MS = 5_000;

/** Reads and replies, which may have to pass 16 stores and a disk. */
export const HOMEWARD_VERB_MS = 30_000;
