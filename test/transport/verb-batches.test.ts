import assert from 'node:assert/strict';
import type { Address } from '../../src/protocol/address.js';
import type { ArrivingResponse, WireRequest } from '../../src/protocol/wire.js';
import type { Listener, Transport } from '../../src/transport/port.js';
import { VerbBatches, type BatchOutcome } from '../../src/transport/verb-batches.js';
import { RedlinkError } from '../../src/support/errors.js';
import { ManualClock } from '../support/manual-clock.js';
import { NORTH, SOUTH } from './wire-stores.js';

const CONTENT_TYPE = 'application/vnd.redlink.verbs';
const LONG_MS = 30_000;

/** A POST that a test answers by hand. */
class Posted {
  readonly lines: readonly string[];
  left = false;
  private readonly pieces: (string | undefined)[] = [];
  private wake: () => void = () => undefined;
  private begin: (response: ArrivingResponse) => void = () => undefined;
  fail: (error: Error) => void = () => undefined;
  readonly response: Promise<ArrivingResponse>;

  constructor(
    readonly to: Address,
    request: WireRequest,
  ) {
    assert.ok(typeof request.body === 'string');
    this.lines = request.body.split('\n');
    this.response = new Promise((resolve, reject) => {
      this.begin = resolve;
      this.fail = reject;
    });
  }

  head(status = 200, contentType = CONTENT_TYPE): this {
    this.begin({ status, headers: { 'content-type': contentType }, body: this.body() });
    return this;
  }

  /** A piece of the body; undefined: its end. */
  say(piece: string | undefined): this {
    this.pieces.push(piece);
    this.wake();
    return this;
  }

  answer(...numbers: number[]): this {
    return this.say(numbers.map((n) => `${JSON.stringify({ n, answer: n })}\n`).join(''));
  }

  private body(): AsyncIterable<Uint8Array> {
    return {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          while (this.pieces.length === 0 && !this.left) {
            await new Promise<void>((resolve) => (this.wake = resolve));
          }
          const piece = this.pieces.shift();
          if (piece === undefined) return { done: true, value: undefined };
          return { done: false, value: Buffer.from(piece) };
        },
        return: async () => {
          this.left = true;
          this.wake();
          return { done: true, value: undefined };
        },
      }),
    };
  }
}

class HandMadeTransport implements Transport {
  readonly posts: Posted[] = [];

  async listen(): Promise<Listener> {
    throw new Error('nobody listens here');
  }

  post(to: Address, request: WireRequest): Promise<ArrivingResponse> {
    const posted = new Posted(to, request);
    this.posts.push(posted);
    return posted.response;
  }

  async close(): Promise<void> {
    return undefined;
  }

  /** The POST of this number, from 0. */
  posted(index: number): Posted {
    const posted = this.posts[index];
    assert.ok(posted, `there is no POST number ${index}`);
    return posted;
  }

  get sent(): string[][] {
    return this.posts.map(({ lines }) => [...lines]);
  }
}

/** Turns of the event loop after which nothing more happens by itself. */
const TURNS = 3;

/** How long a second batch leaves the way to the first, ms, and a little more. */
const PATIENCE_MS = 6;

/** Of the test that runs. */
let clock = new ManualClock();

function setUp() {
  const transport = new HandMadeTransport();
  clock = new ManualClock();
  const batches = new VerbBatches(transport, clock);
  const outcomes = new Map<string, unknown>();
  const ask = (line: string, withinMs = LONG_MS, to = NORTH): void => {
    batches.ask(to, line, withinMs).then(
      (outcome: BatchOutcome) => outcomes.set(line, outcome.kind === 'answered' ? 'answered' : outcome.kind),
      (error: unknown) => outcomes.set(line, error instanceof RedlinkError ? error.code : error),
    );
  };
  return { transport, ask, outcomes };
}

/** Lets everything happen that needs nothing from outside. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) {
    clock.advance(0);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

describe('verbs in batches', () => {
  it('a lone verb goes at once, and what is asked in one go goes together', async () => {
    const { ask, transport } = setUp();
    ask('a');
    await settled();
    assert.deepEqual(transport.sent, [['a']]);
    transport.posted(0).head().answer(0).say(undefined);
    ask('b');
    ask('c');
    await settled();
    assert.deepEqual(transport.sent, [['a'], ['b', 'c']]);
  });

  it('what comes up while the answer to a batch is about to begin goes together as soon as it does', async () => {
    const { ask, transport } = setUp();
    for (const line of ['a', 'b', 'c']) {
      ask(line);
      await settled();
    }
    assert.deepEqual(transport.sent, [['a']]);
    transport.posted(0).head().answer(0).say(undefined);
    await settled();
    assert.deepEqual(transport.sent, [['a'], ['b', 'c']]);
    assert.equal(transport.posts.length, 2);
  });

  it('where the answer is long in coming, a second batch does not wait for it', async () => {
    const { ask, transport } = setUp();
    ask('a');
    await settled();
    ask('b');
    await settled();
    clock.advance(PATIENCE_MS);
    await settled();
    assert.deepEqual(transport.sent, [['a'], ['b']]);
  });

  it('what comes up while two batches are under way goes together as soon as one is answered', async () => {
    const { ask, outcomes, transport } = setUp();
    for (const line of ['a', 'b', 'c', 'd']) {
      ask(line);
      await settled();
      if (line === 'b') clock.advance(PATIENCE_MS);
    }
    clock.advance(PATIENCE_MS);
    assert.deepEqual(transport.sent, [['a'], ['b']]);
    transport.posted(1).head().answer(0).say(undefined);
    await settled();
    assert.deepEqual(transport.sent, [['a'], ['b'], ['c', 'd']]);
    assert.deepEqual([...outcomes], [['b', 'answered']]);
  });

  it('a verb that takes long delays neither the others of its batch nor the next batches', async () => {
    const { ask, outcomes, transport } = setUp();
    ask('slow');
    ask('quick');
    await settled();
    transport.posted(0).head().answer(1);
    await settled();
    assert.deepEqual([...outcomes], [['quick', 'answered']]);
    for (const line of ['next', 'another', 'third']) {
      ask(line);
      await settled();
      transport.posts.at(-1)?.head().answer(0).say(undefined);
      await settled();
    }
    assert.deepEqual([...outcomes.keys()], ['quick', 'next', 'another', 'third']);
    transport.posted(0).answer(0).say(undefined);
    await settled();
    assert.equal(outcomes.get('slow'), 'answered');
  });

  it('peers do not wait for each other', async () => {
    const { ask, transport } = setUp();
    for (const line of ['a', 'b', 'c']) {
      ask(line);
      await settled();
      clock.advance(PATIENCE_MS);
    }
    ask('d', LONG_MS, SOUTH);
    await settled();
    assert.deepEqual(
      transport.posts.map(({ to }) => to.port),
      [NORTH.port, NORTH.port, SOUTH.port],
    );
  });

  it('a batch is bounded in verbs and in length', async () => {
    const { ask, transport } = setUp();
    for (let count = 0; count < 600; count += 1) ask(`v${count}`);
    await settled();
    assert.deepEqual(
      transport.posts.map(({ lines }) => lines.length),
      [256, 256],
    );
    for (let count = 0; count < 10; count += 1) ask('x'.repeat(60_000) + String(count), LONG_MS, SOUTH);
    await settled();
    const lengths = transport.posts.slice(2).map(({ lines }) => lines.length);
    assert.deepEqual(lengths, [3, 3]);
  });

  it('a verb whose time is up fails alone, also while it still waits to be sent', async () => {
    const { ask, outcomes, transport } = setUp();
    ask('patient');
    ask('hasty', 100);
    await settled();
    ask('second');
    await settled();
    clock.advance(PATIENCE_MS);
    await settled();
    ask('unsent', 100);
    await settled();
    clock.advance(100);
    await settled();
    assert.deepEqual(
      [...outcomes],
      [
        ['hasty', 'PEER_TIMEOUT'],
        ['unsent', 'PEER_TIMEOUT'],
      ],
    );
    transport.posted(0).head().answer(0, 1).say(undefined);
    await settled();
    assert.equal(outcomes.get('patient'), 'answered');
    assert.equal(outcomes.get('hasty'), 'PEER_TIMEOUT');
    assert.deepEqual(transport.sent, [['patient', 'hasty'], ['second']]);
  });

  it('a batch that nobody waits for any more is left, and no timer remains', async () => {
    const { ask, transport } = setUp();
    ask('a', 100);
    await settled();
    transport.posted(0).head();
    await settled();
    clock.advance(100);
    await settled();
    assert.equal(transport.posted(0).left, true);
    assert.equal(clock.timers, 0);
  });

  it('a connection that breaks fails what is still unanswered', async () => {
    const { ask, outcomes, transport } = setUp();
    ask('a');
    ask('b');
    await settled();
    transport.posted(0).head().answer(0).say('{"n":1,').say(undefined);
    ask('c');
    await settled();
    transport.posted(1).fail(new RedlinkError('PEER_UNREACHABLE', 'gone'));
    await settled();
    assert.deepEqual([...outcomes.entries()].sort(), [
      ['a', 'answered'],
      ['b', 'PEER_ANSWER'],
      ['c', 'PEER_UNREACHABLE'],
    ]);
    assert.equal(clock.timers, 0);
  });

  it('a peer that knows no batches is told from one that fails', async () => {
    const { ask, outcomes, transport } = setUp();
    ask('a');
    await settled();
    transport.posted(0).head(404, 'text/html').say('<html>Cannot POST</html>').say(undefined);
    ask('b');
    await settled();
    transport
      .posted(1)
      .head(503, 'application/json')
      .say('{"error":"closed","code":"CLOSED"}')
      .say(undefined);
    await settled();
    assert.deepEqual(
      [...outcomes],
      [
        ['a', 'notSpoken'],
        ['b', 'PEER_UNREACHABLE'],
      ],
    );
  });

  for (const [what, says] of [
    ['no JSON', '{\n'],
    ['no number', '{"answer":1}\n'],
    ['a number that is none', '{"n":"0","answer":1}\n'],
    ['more answers than verbs', '{"n":7,"answer":1}\n{"n":8,"answer":1}\n'],
    ['the number of no verb', '{"n":7,"answer":1}\n'],
    ['a line without end', 'x'.repeat(2_000_000)],
    ['nothing', ''],
  ] as const) {
    it(`a batch answered with ${what} is a failure with a code`, async () => {
      const { ask, outcomes, transport } = setUp();
      ask('a');
      await settled();
      transport.posted(0).head().say(says).say(undefined);
      await settled();
      assert.deepEqual([...outcomes], [['a', 'PEER_ANSWER']]);
    });
  }
});
