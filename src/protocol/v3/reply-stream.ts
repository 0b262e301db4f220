import Assembler from 'stream-json/core/assembler.js';
import type { Token } from 'stream-json/core/parser.js';
import { MAX_JSON_DEPTH } from '../limits.js';
import type { PayloadSource, Restore } from '../payload-source.js';
import { RedlinkError } from '../../support/errors.js';
import { isRecord, tooDeep } from './json-body.js';
import { JsonTokens, type Turn } from './json-tokens.js';
import { errorFromWire, notPlain, payloadFromWire, replyHints } from './reply-values.js';
import { arrivingSource } from './sources.js';

/** Keeps a value that is arriving, wherever there is room for it, and gives a source that can be opened later. */
export type Spool = (source: PayloadSource) => Promise<PayloadSource>;

/** What a reply consists of: its fields, and the two values that may be large. */
export interface ReplyParts {
  readonly fields: unknown;
  readonly payload: PayloadSource;
  /** Undefined where there was none, or a falsy one. */
  readonly consumerError: PayloadSource | undefined;
}

type LargeField = 'payload' | 'cerror';

/** Characters of codec text from which on a value is spooled: below, a file costs more than the memory. */
const SPOOL_FROM_CHARS = 65_536;

/**
 * Reads a large reply as it comes. Its keys come in any order (3.0.5 puts `payload` before
 * `notifyPath`), so the large values are spooled when they pass, and the rest is put together.
 */
export class ReplyStream {
  private readonly tokens: JsonTokens;
  private readonly assembler = new Assembler();
  private readonly values = new Map<LargeField, PayloadSource | undefined>();

  constructor(
    chunks: AsyncIterator<Uint8Array>,
    private readonly spool: Spool,
    turn: Turn,
  ) {
    this.tokens = new JsonTokens(chunks, turn);
  }

  /** @throws RedlinkError `BAD_REQUEST`, `BODY_TOO_LARGE`; what the spool throws */
  async read(): Promise<ReplyParts> {
    const first = await this.tokens.next();
    if (first.name !== 'startObject') throw new RedlinkError('BAD_REQUEST', 'The body is no JSON object.');
    this.assembler.consume(first);
    while (!this.assembler.done) await this.take(await this.tokens.next());
    await this.tokens.finish();
    return {
      fields: this.assembler.current,
      payload: this.values.get('payload') ?? payloadFromWire(undefined),
      consumerError: this.values.get('cerror'),
    };
  }

  private async take(token: Token): Promise<void> {
    if (token.name === 'keyValue' && this.assembler.depth === 1 && isLarge(token.value)) {
      if (this.values.has(token.value)) throw new RedlinkError('BAD_REQUEST', `${token.value}: there twice`);
      this.values.set(token.value, await this.largeValue(token.value));
    } else if (token.name === 'startString') {
      this.assembler.consume({ name: 'stringValue', value: await this.shortString() });
    } else {
      this.assembler.consume(token);
      if (this.assembler.depth > MAX_JSON_DEPTH) throw tooDeep();
    }
  }

  /** A string that counts towards the limit of a body, and is bounded by it. */
  private async shortString(): Promise<string> {
    let text = '';
    for (let piece = await this.tokens.piece(); piece !== undefined; piece = await this.tokens.piece()) {
      text += piece;
    }
    return text;
  }

  private async largeValue(field: LargeField): Promise<PayloadSource | undefined> {
    const token = await this.tokens.next();
    if (token.name !== 'startString') return fromWire(field, plainValue(token), undefined);
    const text = new LargeString(this.tokens);
    const head = await text.head();
    if (text.ended) return fromWire(field, head, this.hints(field));
    const kept = await this.spool(
      arrivingSource(text.from(head), { encoding: 'codec', restore: this.hints(field) }),
    );
    await text.skip();
    return kept;
  }

  /** What JSON loses of the value; new stores say it before the value comes. */
  private hints(field: LargeField): Restore | undefined {
    const fields = this.assembler.current;
    return isRecord(fields) ? replyHints(fields['redlink'], field) : undefined;
  }
}

/** A string in codec form on its way, which does not count towards the limit of a body. */
class LargeString {
  ended = false;

  constructor(private readonly tokens: JsonTokens) {}

  /** Its beginning, or all of it where it is short. */
  async head(): Promise<string> {
    let head = '';
    while (head.length < SPOOL_FROM_CHARS) {
      const piece = await this.piece();
      if (piece === undefined) break;
      head += piece;
    }
    return head;
  }

  /** All of it as bytes, after its beginning was taken. */
  async *from(head: string): AsyncGenerator<Uint8Array, void, void> {
    yield Buffer.from(head, 'utf8');
    for (let piece = await this.piece(); piece !== undefined; piece = await this.piece()) {
      yield Buffer.from(piece, 'utf8');
    }
  }

  /** Passes over what nobody took: the next key comes after it. */
  async skip(): Promise<void> {
    while (!this.ended) await this.piece();
  }

  private async piece(): Promise<string | undefined> {
    const piece = this.ended ? undefined : await this.tokens.piece();
    if (piece === undefined) this.ended = true;
    else this.tokens.doNotCount(piece.length);
    return piece;
  }
}

function isLarge(key: string): key is LargeField {
  return key === 'payload' || key === 'cerror';
}

function fromWire(field: LargeField, wire: unknown, restore: Restore | undefined): PayloadSource | undefined {
  return field === 'payload' ? payloadFromWire(wire, restore) : errorFromWire(wire, restore);
}

/** A value that is no string: 3.0.5 writes the falsy ones so. @throws RedlinkError `BAD_REQUEST` for any that is nested */
function plainValue(token: Token): unknown {
  if (token.name === 'numberValue') return Number(token.value);
  if (token.name === 'nullValue' || token.name === 'trueValue' || token.name === 'falseValue') {
    return token.value;
  }
  throw notPlain();
}
