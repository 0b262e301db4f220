import { jsonParser } from 'stream-json/core/parser.js';
import type { Token } from 'stream-json/core/parser.js';
import { MAX_BODY_BYTES } from '../limits.js';
import { RedlinkError } from '../../support/errors.js';
import { bodyTooLarge } from './json-body.js';

/** Bytes that are taken apart in one go. Where each of them is a token this takes some ten milliseconds, and no longer. */
const BYTES_AT_ONCE = 4_096;

/** Tokens of one go after which everything else has a turn. A long text is a handful of them, and goes on at once. */
const TOKENS_IN_A_TURN = 256;

/** Lets everything else of the process have its turn. */
export type Turn = () => Promise<void>;

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

  /** Of the chunk that came last. */
  private rest: Uint8Array = new Uint8Array(0);

  constructor(
    private readonly chunks: AsyncIterator<Uint8Array>,
    private readonly turn: Turn,
  ) {}

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
    while (await this.more());
  }

  private async fill(): Promise<void> {
    if (!(await this.more())) {
      throw new RedlinkError('BAD_REQUEST', 'The body is JSON that ends too early.');
    }
  }

  /** Takes some more of what arrives. @returns whether there was any */
  private async more(): Promise<boolean> {
    // A body of nothing but short values would otherwise hold up the process as long as it likes.
    if (this.batch.length > TOKENS_IN_A_TURN) await this.turn();
    if (this.rest.length === 0) {
      const step = await this.chunks.next();
      if (step.done === true) return false;
      this.rest = step.value;
    }
    const some = this.rest.subarray(0, BYTES_AT_ONCE);
    this.rest = this.rest.subarray(BYTES_AT_ONCE);
    this.take(some);
    return true;
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
