import type { AnswerTo, VerbNamed } from '../protocol/verbs.js';
import type { ArrivingRequest, WireResponse } from '../protocol/wire.js';
import { readText } from '../protocol/v3/json-body.js';
import { answerLine, batchLines, failureLine, nameOfLine, VERBS_CONTENT_TYPE } from '../protocol/v4/batch.js';
import { codecOf, type BatchedName } from '../protocol/v4/table.js';
import type { Clock } from '../support/clock.js';
import type { Log } from '../support/log.js';
import { AnswerStream, tellSent, textOf, type BatchAnswer } from './answer-stream.js';
import { ownFailure } from './own-failure.js';
import type { Answerer, Sender } from './port.js';

const HTTP_OK = 200;

/** After so long, ms, the verbs of a batch that have not begun let everything else have a turn. */
const MAX_TURN_MS = 10;

/**
 * As many verbs are begun in a turn. What they do comes as a rule after their first `await`, and so all together: 256
 * advertisements held everything else up for 80 ms, of which the clock said nothing while they were begun.
 */
const MAX_BEGUN_IN_A_TURN = 32;

/** Answers batches of verbs: none of them waits for another's answer. */
export class BatchServer {
  constructor(
    private readonly answerer: Answerer,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /**
   * The answers that are there at once as one text; where some verbs take longer, a stream of answers.
   * @throws RedlinkError `BODY_TOO_LARGE`, `BAD_REQUEST` where it is no batch
   */
  async serve(request: ArrivingRequest): Promise<WireResponse> {
    const sender = { remoteIp: request.remoteIp, storeName: request.senderName };
    const contentLength = request.headers['content-length'];
    const lines = batchLines(await readText(request.body, { contentLength }));
    const stream = new AnswerStream(lines.length);
    let turnBeganAt = this.clock.now();
    for (const [n, line] of lines.entries()) {
      const isFull = n > 0 && n % MAX_BEGUN_IN_A_TURN === 0;
      if (isFull || this.clock.now() - turnBeganAt > MAX_TURN_MS) {
        await this.turn();
        turnBeganAt = this.clock.now();
      }
      void this.answer(n, line, sender).then((answer) => {
        stream.add(answer);
      });
    }
    const head = { status: HTTP_OK, headers: { 'content-type': VERBS_CONTENT_TYPE } };
    const atOnce = await stream.allWithin(this.turn());
    if (atOnce === undefined) return { ...head, body: stream };
    return {
      ...head,
      body: textOf(atOnce),
      onSent: (complete) => {
        tellSent(atOnce, complete);
      },
    };
  }

  /** Passes when all that can be answered from this store alone has been. */
  private turn(): Promise<void> {
    return new Promise((resolve) => {
      this.clock.soon(resolve);
    });
  }

  /** Never rejects: what fails is answered so, and fails alone. */
  private async answer(n: number, line: string, sender: Sender): Promise<BatchAnswer> {
    try {
      const { name, wire } = nameOfLine(line);
      return await this.answerNamed(n, name, wire, sender);
    } catch (thrown) {
      return { line: failureLine(n, ownFailure(thrown, this.log)) };
    }
  }

  private async answerNamed(
    n: number,
    name: BatchedName,
    wire: unknown,
    sender: Sender,
  ): Promise<BatchAnswer> {
    const codec = codecOf(name);
    const verb = codec.fromWire(wire);
    const answer = await this.ask(name, verb, sender);
    const sent = (delivered: boolean): void => codec.sent?.(answer, delivered);
    try {
      return { line: answerLine(n, name, answer), sent };
    } catch (thrown) {
      sent(false);
      throw thrown;
    }
  }

  private async ask<Name extends BatchedName>(
    name: Name,
    verb: VerbNamed<Name>,
    sender: Sender,
  ): Promise<AnswerTo[Name]> {
    try {
      return await this.answerer.answer(verb, sender);
    } catch (thrown) {
      const failure = ownFailure(thrown, this.log);
      const refusal = codecOf(name).refuse?.(verb);
      if (refusal === undefined) throw failure;
      return refusal;
    }
  }
}
