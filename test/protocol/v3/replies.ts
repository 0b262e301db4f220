import type { PayloadSource } from '../../../src/protocol/payload-source.js';
import { withReply } from '../../../src/protocol/v3/reply-body.js';
import type { Spooling } from '../../../src/protocol/v3/reply-body.js';
import { openAsUtf8, textSource } from '../../../src/protocol/v3/sources.js';
import type { Reply } from '../../../src/protocol/verbs.js';
import { collect } from './streams.js';

/** A spool that takes everything into memory, and notes what it did. */
export class MemorySpool implements Spooling {
  readonly kept: PayloadSource[] = [];
  readonly discarded: PayloadSource[] = [];

  readonly spool = async (source: PayloadSource): Promise<PayloadSource> => {
    const text = (await collect(openAsUtf8(source))).toString('utf8');
    const kept = textSource(text, source.restore);
    this.kept.push(kept);
    return kept;
  };

  readonly discard = async (kept: PayloadSource): Promise<void> => {
    this.discarded.push(kept);
  };
}

/** The reply in a body. */
export function replyIn(
  body: AsyncIterable<Uint8Array>,
  spooling: Spooling = new MemorySpool(),
  turn = async (): Promise<void> => undefined,
): Promise<Reply> {
  return withReply(body, spooling, turn, async (reply) => reply);
}
