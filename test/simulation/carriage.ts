import type { PayloadSource } from '../../src/protocol/payload-source.js';
import type { ReadAnswer, Reply, Verb } from '../../src/protocol/verbs.js';
import { RedlinkError } from '../../src/support/errors.js';
import type { Fate } from './weather.js';

/** An answer to a read that has the message. */
export type Found = Extract<ReadAnswer, { kind: 'found' }>;

/** Lets some time pass on the way between two pieces of a body. */
export type Pause = () => Promise<void>;

/**
 * Takes the body of a read's answer off the answering store, tells that store how the writing went,
 * and gives what the reader gets. A reader that gets the whole is never reported as having gone away;
 * a reader that gets a part may well be taken for one that has it all.
 * @param lost nothing of the answer reaches the reader.
 */
export async function carryAnswer<A extends object>(
  answer: A & Found,
  fate: Fate,
  lost: boolean,
  pause: Pause,
): Promise<A> {
  const share = lost ? 0 : (fate.cutAfter ?? 1);
  const whole = share === 1;
  const bytes = await bytesOf(answer.body, whole || fate.writtenInFull ? 1 : share);
  answer.settle(whole || fate.writtenInFull);
  const received = whole || !fate.writtenInFull ? bytes : bytes.slice(0, Math.floor(bytes.length * share));
  const body = arriving(answer.body, received, !whole, undefined, pause);
  return { ...answer, body, settle: () => undefined };
}

/**
 * Takes the bodies of a request off the asking store. The result makes one request for each time that
 * it arrives, because the body of an arriving request can be opened only once.
 */
export async function carryRequest<V extends Verb>(verb: V, fate: Fate, pause: Pause): Promise<() => V> {
  if (!isReply(verb)) return () => verb;
  const { payload, consumerError } = verb;
  const share = fate.cutAfter ?? 1;
  const cut = share < 1;
  const payloadBytes = await bytesOf(payload, share);
  const errorBytes = consumerError === undefined ? undefined : await bytesOf(consumerError, 1);
  return () => ({
    ...verb,
    payload: arriving(payload, payloadBytes, cut, cut ? undefined : payload.text, pause),
    consumerError:
      consumerError === undefined || errorBytes === undefined
        ? undefined
        : arriving(consumerError, errorBytes, false, consumerError.text, pause),
  });
}

/** What a store that passes for a 3.0.5 one says: nothing of what version 3 does not know. */
export function inVersion3<V extends Verb>(verb: V): V {
  if (verb.verb === 'announce') return { ...verb, capabilities: undefined };
  if (verb.verb === 'advertise') return { ...verb, stamp: undefined, turn: undefined };
  if (verb.verb === 'offer') return { ...verb, terms: undefined };
  return verb;
}

export function isFound<A extends object>(answer: A): answer is A & Found {
  return 'kind' in answer && answer.kind === 'found';
}

function isReply<V extends Verb>(verb: V): verb is V & Reply {
  return verb.verb === 'reply';
}

/** Reads a share of a source, 0 up to 1, and lets go of it. */
async function bytesOf(source: PayloadSource, share: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source.open()) {
    pieces.push(piece);
    if (share === 0) break;
  }
  const all = Buffer.concat(pieces);
  return share === 1 ? all : all.subarray(0, Math.floor(all.length * share));
}

/** A body on its last stretch: comes in two pieces with a pause between, and only once. */
function arriving(
  source: PayloadSource,
  bytes: Uint8Array,
  cut: boolean,
  text: string | undefined,
  pause: Pause,
): PayloadSource {
  let opened = false;
  async function* open(): AsyncGenerator<Uint8Array> {
    if (opened) throw new Error('the body of an arriving request was opened twice');
    opened = true;
    const middle = Math.floor(bytes.length / 2);
    yield bytes.subarray(0, middle);
    await pause();
    if (cut) throw new RedlinkError('PEER_UNREACHABLE', 'the connection broke in the midst of a body');
    yield bytes.subarray(middle);
  }
  return { encoding: source.encoding, restore: source.restore, text, byteLength: undefined, open };
}
