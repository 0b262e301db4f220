import assert from 'node:assert/strict';
import type { AnswerTo, Capabilities, Read, Verb } from '../../src/protocol/verbs.js';
import type { PayloadSource } from '../../src/protocol/payload-source.js';
import type { Answerer } from '../../src/transport/port.js';
import { FaultyNetwork } from './faulty-network.js';
import { SeededRandom } from './seeded-random.js';
import { Trace } from './trace.js';
import { VirtualClock } from './virtual-clock.js';
import { CALM, type Weather } from './weather.js';

const HERE = { host: 's0', port: '2000' };
const THERE = { host: 's1', port: '2000' };
const TEXT = JSON.stringify({ payload: 'x'.repeat(1_000) });

/** Answers every read with the same text, and keeps what it was told. */
class Library implements Answerer {
  readonly capabilities: Capabilities = { version: 4, bootId: 'b', storeName: 'mesh0:s1' };
  readonly settled: boolean[] = [];
  asked = 0;

  answer<V extends Verb>(verb: V): Promise<AnswerTo[V['verb']]>;
  async answer(verb: Verb): Promise<AnswerTo['read'] | AnswerTo['announce']> {
    this.asked += 1;
    if (verb.verb !== 'read') return { kind: 'acknowledged' };
    const settle = (delivered: boolean): void => void this.settled.push(delivered);
    return { kind: 'found', meta: META, body: source(TEXT), settle };
  }
}

const META = {
  messageId: 'm1',
  storeName: 'mesh0:s1',
  service: 'alpha',
  read: false,
  sendOnly: false,
  producerId: 'p1',
  preserved: '',
  acceptedEpochMs: 0,
  priority: 0,
  large: false,
  ageS: 0,
  sinceNotifyS: 0,
  reversePath: true,
  consumerId: 'c1',
  deadlineInMs: undefined,
  deliveryCount: 1,
};

const READ: Read = {
  verb: 'read',
  messageId: 'm1',
  producerId: 'p1',
  consumer: { id: 'c1', service: 'alpha', storeName: 'mesh0:s0' },
  path: [],
  token: undefined,
  readDelayMs: 0,
  room: 0,
};

function source(text: string): PayloadSource {
  async function* open(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(text);
  }
  return { encoding: 'utf8', text, byteLength: text.length, restore: undefined, open };
}

interface Result {
  readonly library: Library;
  /** What the reader got; undefined: the whole call failed. */
  readonly text: string | undefined;
  readonly error: unknown;
}

/** One read over a network with that weather. */
async function readOnce(
  weather: Partial<Weather>,
  seed: number,
  prepare?: (net: FaultyNetwork) => void,
): Promise<Result> {
  const clock = new VirtualClock();
  const network = new FaultyNetwork(clock, new SeededRandom(seed), new Trace(() => clock.now()));
  const library = new Library();
  network.open(HERE, new Library(), true);
  network.open(THERE, library, true);
  network.weather = { ...CALM, ...weather };
  prepare?.(network);
  let text: string | undefined;
  let error: unknown;
  const reading = (async () => {
    const answer = await network.peersOf(HERE).call(THERE, READ);
    assert.equal(answer.kind, 'found');
    const pieces: Uint8Array[] = [];
    for await (const piece of answer.body.open()) pieces.push(piece);
    text = Buffer.concat(pieces).toString();
  })().catch((reason: unknown) => {
    error = reason;
  });
  await clock.advance(100_000);
  await reading;
  return { library, text, error };
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : error;
}

describe('simulation: the faulty network', () => {
  it('carries a request and the whole of its answer in fair weather', async () => {
    const { library, text } = await readOnce({}, 1);
    assert.equal(text, TEXT);
    assert.deepEqual(library.settled, [true]);
  });

  it('lets a dropped request run into its time limit, unheard', async () => {
    const { library, error } = await readOnce({ dropPercent: 100 }, 1);
    assert.equal(codeOf(error), 'PEER_TIMEOUT');
    assert.equal(library.asked, 0);
  });

  it('loses an answer after the request was carried out', async () => {
    const { library, error } = await readOnce({ loseAnswerPercent: 100 }, 1);
    assert.equal(codeOf(error), 'PEER_TIMEOUT');
    assert.equal(library.asked, 1);
    assert.equal(library.settled.length, 1);
  });

  it('repeats a request', async () => {
    const { library, text } = await readOnce({ repeatPercent: 100 }, 1);
    assert.equal(library.asked, 2);
    assert.equal(text, TEXT);
  });

  it('never reports a reader that has the whole as gone', async () => {
    const outcomes = new Set<string>();
    for (let seed = 0; seed < 60; seed += 1) {
      const { library, text } = await readOnce({ cutPercent: 50, loseAnswerPercent: 30 }, seed);
      outcomes.add(`${text === TEXT ? 'whole' : 'part'} ${library.settled.join()}`);
    }
    assert.deepEqual([...outcomes].sort(), ['part false', 'part true', 'whole true']);
  });

  it('says that nobody listens, and lets nothing pass between separated stores', async () => {
    const gone = await readOnce({}, 1, (network) => {
      network.close(THERE, true);
    });
    assert.equal(codeOf(gone.error), 'PEER_UNREACHABLE');
    const separated = await readOnce({}, 1, (network) => {
      network.separate(HERE, THERE);
    });
    assert.equal(codeOf(separated.error), 'PEER_TIMEOUT');
    assert.equal(separated.library.asked, 0);
  });
});
