import type { ArrivingResponse } from '../protocol/wire.js';
import { asPeerAnswer, peerFailure } from '../protocol/v3/peer-failure.js';
import { understand } from '../protocol/v3/responses.js';
import { parseAnswerLine, VERBS_CONTENT_TYPE, type AnswerWire } from '../protocol/v4/batch.js';
import { LineSplitter } from '../protocol/v4/line-splitter.js';
import { RedlinkError } from '../support/errors.js';
import { release } from './body-chunks.js';

const HTTP_OK = 200;
const HTTP_NOT_FOUND = 404;

/** The answers to one batch, as they arrive. */
export class BatchAnswers {
  private readonly chunks: AsyncIterator<Uint8Array>;

  constructor(private readonly response: ArrivingResponse) {
    this.chunks = response.body[Symbol.asyncIterator]();
  }

  /** Whether the peer knows no batches: it is a 3.0.5 store now. */
  get notSpoken(): boolean {
    return this.response.status === HTTP_NOT_FOUND;
  }

  /**
   * Hands over each answer as it comes; done at the end of the body.
   * @param most answers that there can be
   * @throws RedlinkError `PEER_ANSWER`, or what breaks the connection
   */
  async each(most: number, take: (answer: AnswerWire) => void): Promise<void> {
    if (!this.isBatch) {
      await understand({ ...this.response, body: { [Symbol.asyncIterator]: () => this.chunks } }, refuse);
      return;
    }
    const splitter = new LineSplitter();
    let count = 0;
    for (;;) {
      const step = await this.chunks.next();
      if (step.done === true) return;
      const answers = await asPeerAnswer(() => splitter.push(step.value).map(parseAnswerLine));
      count += answers.length;
      if (count > most)
        throw new RedlinkError('PEER_ANSWER', 'The other store answers more than it was asked.');
      for (const answer of answers) take(answer);
    }
  }

  /** Wants no more of it: the connection ends. */
  leave(): void {
    release(this.chunks);
  }

  private get isBatch(): boolean {
    const { headers, status } = this.response;
    return status === HTTP_OK && headers['content-type']?.startsWith(VERBS_CONTENT_TYPE) === true;
  }
}

function refuse(status: number, wire: unknown): never {
  throw peerFailure(status, wire);
}
