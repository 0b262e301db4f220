import { z } from 'zod';
import { MAX_BATCH_VERBS, MAX_BATCHED_CHARS } from '../limits.js';
import type { AnswerTo, VerbNamed } from '../verbs.js';
import type { WireRequest } from '../wire.js';
import { RedlinkError } from '../../support/errors.js';
import { parseFields } from '../v3/fields.js';
import { isRecord, parseJson } from '../v3/json-body.js';
import { peerFailure } from '../v3/peer-failure.js';
import { codecOf, isBatched, type BatchedName } from './table.js';
import { needsStream } from './read.js';

/**
 * Verbs between new stores: one POST carries many of them, a line of JSON each, and its answer one line
 * for each as soon as it is known, in any order (docs/PROTOCOL.md, "Batches").
 */

export const VERBS_PATH = '/redlink/verbs';
export const VERBS_CONTENT_TYPE = 'application/vnd.redlink.verbs';

const LINE_FEED = '\n';
const HTTP_OK = 200;

/** A verb as one line of a batch; undefined where it is too large for one. */
export function verbLine<Name extends BatchedName>(name: Name, verb: VerbNamed<Name>): string | undefined {
  const wire = codecOf(name).toWire(verb);
  if (wire === undefined) return undefined;
  const line = JSON.stringify({ ...wire, verb: name });
  return line.length <= MAX_BATCHED_CHARS ? line : undefined;
}

/** The POST for some verbs, each as {@link verbLine} gave it. */
export function batchRequest(lines: readonly string[]): WireRequest {
  return {
    path: VERBS_PATH,
    headers: { accept: VERBS_CONTENT_TYPE, 'content-type': VERBS_CONTENT_TYPE },
    body: lines.join(LINE_FEED),
    quick: true,
  };
}

/**
 * The lines of a batch. What stands in them is looked at one by one: a bad one fails alone.
 * @throws RedlinkError `BAD_REQUEST` where there are none or too many
 */
export function batchLines(body: string): readonly string[] {
  const lines = body.split(LINE_FEED, MAX_BATCH_VERBS + 1);
  if (lines.length > MAX_BATCH_VERBS) {
    throw new RedlinkError('BAD_REQUEST', `A batch has at most ${MAX_BATCH_VERBS} verbs.`);
  }
  return lines;
}

/** A line of a batch as far as it tells which verb it is. */
export interface NamedWire {
  readonly name: BatchedName;
  readonly wire: unknown;
}

/** @throws RedlinkError `BAD_REQUEST` where it is not JSON, or no verb that travels so */
export function nameOfLine(line: string): NamedWire {
  const wire = parseJson(line);
  const name = isRecord(wire) ? wire['verb'] : undefined;
  if (!isBatched(name)) throw new RedlinkError('BAD_REQUEST', 'verb: none that is known');
  return { name, wire };
}

/**
 * The answer to verb number `n` of a batch, counted from 0, with its line feed.
 * @throws RedlinkError `NEEDS_STREAM`
 */
export function answerLine<Name extends BatchedName>(n: number, name: Name, answer: AnswerTo[Name]): string {
  const line = JSON.stringify({ n, answer: codecOf(name).answerToWire(answer) });
  if (line.length > MAX_BATCHED_CHARS) throw needsStream();
  return line + LINE_FEED;
}

/** The failure of verb number `n`: code and text, no stack. */
export function failureLine(n: number, { code, message }: RedlinkError): string {
  return JSON.stringify({ n, error: message, code }) + LINE_FEED;
}

/** What the line of an answer says, still unchecked beyond its number. */
export interface AnswerWire {
  readonly n: number;
  readonly wire: unknown;
}

const numbered = z.object({ n: z.number().int().min(0) });

/** @throws RedlinkError `BAD_REQUEST` where it is no answer to any verb */
export function parseAnswerLine(line: string): AnswerWire {
  const wire = parseJson(line);
  return { n: parseFields(numbered, wire).n, wire };
}

/**
 * What the answer means.
 * @throws RedlinkError `BAD_REQUEST` where it makes no sense; `NEEDS_STREAM`, `PEER_UNREACHABLE`, `PEER_ANSWER` where it is a failure
 */
export function understandAnswer<Name extends BatchedName>(
  name: Name,
  wire: unknown,
  asked: VerbNamed<Name>,
): AnswerTo[Name] {
  const fields = isRecord(wire) ? wire : {};
  if (fields['answer'] !== undefined) return codecOf(name).answerFromWire(fields['answer'], asked);
  if (fields['code'] === 'NEEDS_STREAM') throw needsStream();
  throw peerFailure(HTTP_OK, fields);
}
