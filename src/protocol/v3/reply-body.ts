import type { PayloadSource } from '../payload-source.js';
import type { Reply } from '../verbs.js';
import { RedlinkError } from '../../support/errors.js';
import { inSequence, once } from '../byte-streams.js';
import { isRecord, parseJson, utf8Text } from './json-body.js';
import type { Turn } from './json-tokens.js';
import { decodeReply } from './reply.js';
import { ReplyStream } from './reply-stream.js';
import type { ReplyParts, Spool } from './reply-stream.js';
import { errorFromWire, payloadFromWire, replyHints } from './reply-values.js';

/** Bytes up to which a reply is parsed in one go: nearly all are shorter, and parsing so is many times quicker. */
const PARSED_AT_ONCE_BYTES = 65_536;

/** Where the large values of a reply wait while it is read and answered. */
export interface Spooling {
  readonly spool: Spool;
  /** Forgets what {@link spool} kept. */
  readonly discard: (kept: PayloadSource) => Promise<void>;
}

/**
 * Reads a reply and hands it to `use`. Payload and error are streams of any size, everything else has
 * the limit of a body. What was spooled lives until `use` has ended: who keeps the reply copies it.
 * @param turn comes between parts of a body that takes long to understand
 * @throws RedlinkError `BAD_REQUEST`, `BODY_TOO_LARGE`; what the spool and `use` throw
 */
export async function withReply<T>(
  body: AsyncIterable<Uint8Array>,
  spooling: Spooling,
  turn: Turn,
  use: (reply: Reply) => Promise<T>,
): Promise<T> {
  const kept: PayloadSource[] = [];
  const spool: Spool = async (source) => {
    const spooled = await spooling.spool(source);
    kept.push(spooled);
    return spooled;
  };
  try {
    return await use(await readReply(body, spool, turn));
  } finally {
    for (const source of kept) await spooling.discard(source);
  }
}

async function readReply(body: AsyncIterable<Uint8Array>, spool: Spool, turn: Turn): Promise<Reply> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    return decodeReply(await readParts(chunks, spool, turn));
  } catch (thrown) {
    await chunks.return?.();
    throw thrown;
  }
}

async function readParts(chunks: AsyncIterator<Uint8Array>, spool: Spool, turn: Turn): Promise<ReplyParts> {
  const head: Uint8Array[] = [];
  let length = 0;
  while (length <= PARSED_AT_ONCE_BYTES) {
    const step = await chunks.next();
    if (step.done === true) return partsOf(parseJson(utf8Text(head)));
    head.push(step.value);
    length += step.value.length;
  }
  const rest = { [Symbol.asyncIterator]: () => chunks };
  const all = inSequence(once(Buffer.concat(head)), rest);
  return new ReplyStream(all[Symbol.asyncIterator](), spool, turn).read();
}

function partsOf(fields: unknown): ReplyParts {
  if (!isRecord(fields)) throw new RedlinkError('BAD_REQUEST', 'The body is no JSON object.');
  const hints = fields['redlink'];
  return {
    fields,
    payload: payloadFromWire(fields['payload'], replyHints(hints, 'payload')),
    consumerError: errorFromWire(fields['cerror'], replyHints(hints, 'cerror')),
  };
}
