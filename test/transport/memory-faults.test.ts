import assert from 'node:assert/strict';
import type { ArrivingResponse, WireBody, WireResponse } from '../../src/protocol/wire.js';
import { RedlinkError } from '../../src/support/errors.js';
import { MemoryNetwork, type Fate, type Passage } from '../../src/transport/memory.js';
import type { Serve, Transport } from '../../src/transport/port.js';
import { VirtualClock } from '../simulation/virtual-clock.js';
import { ByteSource, readAll, readLength } from './bodies.js';

const CALM: Fate = { requestDelayMs: 10, answerDelayMs: 20 };
const LIMITS = { answerWithinMs: 5_000, idleMs: 1_000 };
const address = { host: 'host', port: '2000' };

describe('the virtual network', () => {
  let clock: VirtualClock;
  let fates: Fate[];
  let passages: Passage[];
  let asker: Transport;
  let network: MemoryNetwork;

  beforeEach(() => {
    clock = new VirtualClock();
    fates = [];
    passages = [];
    const fate = (passage: Passage): Fate => {
      passages.push(passage);
      return fates.shift() ?? CALM;
    };
    network = new MemoryNetwork(clock, { fate });
    asker = network.transport('asker', '10.0.0.7');
  });

  async function listen(serve: Serve): Promise<void> {
    await network.transport('server').listen({ address }, serve);
  }

  /** A request under way: what came of it, and when, once the clock ran. */
  function ask(body: WireBody) {
    const outcome: { answer?: ArrivingResponse; error?: unknown; text?: string; atMs?: number } = {};
    asker
      .post(address, { path: '/notify', headers: {}, body }, LIMITS)
      .then(async (answer) => {
        outcome.answer = answer;
        outcome.atMs = clock.now();
        outcome.text = await readAll(answer.body);
      })
      .catch((error: unknown) => {
        outcome.error = error;
        outcome.atMs ??= clock.now();
      });
    return outcome;
  }

  function codeOf(outcome: { error?: unknown }): string | undefined {
    return outcome.error instanceof RedlinkError ? outcome.error.code : undefined;
  }

  it('asks what happens to each request, and takes the time that it is told', async () => {
    let arrivedAtMs = 0;
    await listen(async (request) => {
      arrivedAtMs = clock.now();
      assert.equal(request.remoteIp, '10.0.0.7');
      return ok('yes');
    });
    const outcome = ask('there?');
    await clock.runUntilIdle(60_000);
    assert.deepEqual(passages, [{ from: 'asker', to: address, path: '/notify' }]);
    assert.equal(arrivedAtMs, 10);
    assert.deepEqual([outcome.text, outcome.atMs], ['yes', 30]);
  });

  it('lets requests overtake each other', async () => {
    const arrived: string[] = [];
    fates = [{ ...CALM, requestDelayMs: 50 }, CALM];
    await listen(async (request) => {
      arrived.push(await readAll(request.body));
      return ok('');
    });
    ask('first');
    ask('second');
    await clock.runUntilIdle(60_000);
    assert.deepEqual(arrived, ['second', 'first']);
  });

  it('loses a request: nobody serves it, and the asker gives up in time', async () => {
    fates = [{ ...CALM, requestLost: true }];
    await listen(async () => assert.fail('it arrived'));
    const outcome = ask('there?');
    await clock.runUntilIdle(60_000);
    assert.deepEqual([codeOf(outcome), outcome.atMs], ['PEER_TIMEOUT', LIMITS.answerWithinMs]);
  });

  it('loses an answer: it counts as sent, and the asker gives up in time', async () => {
    fates = [{ ...CALM, answerLost: true }];
    const sent: boolean[] = [];
    await listen(async () => ({
      ...ok(new ByteSource(1_000_000)),
      onSent: (complete) => sent.push(complete),
    }));
    const outcome = ask('there?');
    await clock.runUntilIdle(60_000);
    assert.deepEqual([codeOf(outcome), outcome.atMs], ['PEER_TIMEOUT', LIMITS.answerWithinMs]);
    assert.deepEqual(sent, [true]);
  });

  it('refuses a connection at once', async () => {
    fates = [{ ...CALM, refused: true }];
    await listen(async () => assert.fail('it arrived'));
    const outcome = ask('there?');
    await clock.runUntilIdle(60_000);
    assert.deepEqual([codeOf(outcome), outcome.atMs], ['PEER_UNREACHABLE', 10]);
  });

  it('breaks a connection in the middle of a request, for both sides', async () => {
    fates = [{ ...CALM, cutRequestAfterBytes: 100_000 }];
    const seen: unknown[] = [];
    await listen(async (request) => {
      await readLength(request.body).then(
        (bytes) => seen.push(bytes),
        (error: unknown) => seen.push(error),
      );
      return ok('');
    });
    const source = new ByteSource(1_000_000);
    const outcome = ask(source);
    await clock.runUntilIdle(60_000);
    assert.equal(codeOf(outcome), 'PEER_UNREACHABLE');
    assert.ok(seen[0] instanceof RedlinkError);
    assert.ok(source.closed);
  });

  it('breaks a connection in the middle of an answer, for both sides', async () => {
    fates = [{ ...CALM, cutAnswerAfterBytes: 100_000 }];
    const sent: boolean[] = [];
    const source = new ByteSource(1_000_000);
    await listen(async () => ({ ...ok(source), onSent: (complete) => sent.push(complete) }));
    const outcome = ask('give');
    await clock.runUntilIdle(60_000);
    assert.equal(outcome.answer?.status, 200);
    assert.equal(codeOf(outcome), 'PEER_UNREACHABLE');
    assert.deepEqual(sent, [false]);
    assert.ok(source.closed);
  });

  it('repeats a request, whose second answer reaches nobody', async () => {
    for (const sent of [true, false]) {
      fates = [{ ...CALM, repeat: { afterMs: 500, sent } }];
      const served: string[] = [];
      const told: boolean[] = [];
      const own = new MemoryNetwork(clock, { fate: () => fates[0] ?? CALM });
      const answer = async (text: string): Promise<WireResponse> => {
        served.push(text);
        return { ...ok(`answer ${served.length}`), onSent: (complete) => told.push(complete) };
      };
      await own
        .transport('server')
        .listen({ address }, async (request) => answer(await readAll(request.body)));
      asker = own.transport('asker');
      const outcome = ask('once');
      await clock.runUntilIdle(60_000);
      assert.deepEqual(served, ['once', 'once']);
      assert.deepEqual(told, [true, sent]);
      assert.equal(outcome.text, 'answer 1');
    }
  });

  it('makes each chunk take its time', async () => {
    fates = [{ ...CALM, chunkDelayMs: 100 }];
    await listen(async () => ok('late'));
    const outcome = ask('');
    let readAtMs = 0;
    clock.onStep = () => {
      if (outcome.text === 'late' && readAtMs === 0) readAtMs = clock.now();
    };
    await clock.runUntilIdle(60_000);
    assert.equal(readAtMs, 110);
  });

  it('hands bytes over as copies', async () => {
    const mine = new Uint8Array([1, 2, 3]);
    let theirs: Uint8Array | undefined;
    await listen(async (request) => {
      for await (const chunk of request.body) theirs = chunk;
      return ok('');
    });
    ask(
      (async function* () {
        yield mine;
      })(),
    );
    await clock.runUntilIdle(60_000);
    mine.fill(9);
    assert.deepEqual(theirs, new Uint8Array([1, 2, 3]));
  });

  it('leaves no timer behind, however a request ends', async () => {
    await listen(async (request) => ok(await readAll(request.body)));
    fates = [
      CALM,
      { ...CALM, refused: true },
      { ...CALM, cutRequestAfterBytes: 1 },
      { ...CALM, answerLost: true },
    ];
    for (const body of ['one', 'two', 'three', 'four']) ask(body);
    // What is still waited for by then is the answer that was lost.
    await clock.advance(LIMITS.answerWithinMs - 1);
    assert.equal(clock.pending, 1);
    await clock.advance(1);
    assert.equal(clock.pending, 0);
  });
});

function ok(body: WireBody): WireResponse {
  return { status: 200, headers: {}, body };
}
