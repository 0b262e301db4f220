import { jsonParser } from 'stream-json/core/parser.js';
import type { Token } from 'stream-json/core/parser.js';
import { MAX_BODY_BYTES } from '../limits.js';
import { RedlinkError } from '../../support/errors.js';
import { bodyTooLarge } from './json-body.js';

/**
 * JSON that arrives, token by token, in bounded memory. Strings come in pieces, keys and numbers whole.
 */
export class JsonTokens {
  private readonly decoder = new TextDecoder('utf-8', { fatal: true });
  private readonly parse = jsonParser({
    packKeys: true,
    streamKeys: false,
    packNumbers: true,
    streamNumbers: false,
    packStrings: false,
    streamStrings: true,
  });
  private batch: readonly Token[] = [];
  private at = 0;
  private arrivedBytes = 0;
  private uncountedBytes = 0;
  private ended = false;

  constructor(private readonly chunks: AsyncIterator<Uint8Array>) {}

  /** The next token. @throws RedlinkError `BAD_REQUEST` where it is not JSON or ends, `BODY_TOO_LARGE` */
  async next(): Promise<Token> {
    for (;;) {
      const token = this.batch[this.at];
      if (token !== undefined) {
        this.at += 1;
        return token;
      }
      await this.fill();
    }
  }

  /** A piece of the string that has begun; undefined once, at its end. @throws as {@link next} */
  async piece(): Promise<string | undefined> {
    let text = '';
    for (;;) {
      const token = this.batch[this.at];
      if (token === undefined && text === '') {
        await this.fill();
      } else if (token?.name === 'stringChunk') {
        text += token.value;
        this.at += 1;
      } else if (text !== '') {
        return text;
      } else {
        this.at += 1;
        return undefined;
      }
    }
  }

  /** Says that so many bytes of what came are a payload, and do not count towards the limit of a body. */
  doNotCount(bytes: number): void {
    this.uncountedBytes += bytes;
  }

  /** Reads on to the end, where nothing but white space may come. @throws as {@link next} */
  async finish(): Promise<void> {
    while (!this.ended) {
      const step = await this.chunks.next();
      if (step.done === true) this.ended = true;
      else this.take(step.value);
    }
  }

  private async fill(): Promise<void> {
    const step = await this.chunks.next();
    if (step.done === true) throw new RedlinkError('BAD_REQUEST', 'The body is JSON that ends too early.');
    this.take(step.value);
  }

  private take(chunk: Uint8Array): void {
    if (this.arrivedBytes - this.uncountedBytes > MAX_BODY_BYTES) throw bodyTooLarge(MAX_BODY_BYTES);
    this.arrivedBytes += chunk.length;
    try {
      const tokens = this.parse(this.decoder.decode(chunk, { stream: true }));
      this.batch = typeof tokens === 'symbol' ? [] : tokens.values;
      this.at = 0;
    } catch (thrown) {
      throw new RedlinkError('BAD_REQUEST', 'The body is not JSON.', thrown);
    }
  }
}
