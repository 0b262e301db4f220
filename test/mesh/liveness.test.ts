import assert from 'node:assert/strict';
import { Liveness, SILENCE_MS, StandsStillError } from '../../src/mesh/liveness.js';
import { Neighbours, type Neighbour } from '../../src/mesh/neighbours.js';
import type { Address } from '../../src/protocol/address.js';
import type { AnswerTo, Offer, Verb } from '../../src/protocol/verbs.js';
import { RedlinkError } from '../../src/support/errors.js';
import type { Peers } from '../../src/transport/port.js';
import { VirtualClock } from '../simulation/virtual-clock.js';

const PEER: Address = { host: '10.0.0.2', port: '2000' };
const OFFER: Offer = {
  verb: 'offer',
  service: 'svc',
  messageId: 'm1',
  producerId: 'p',
  source: { storeName: 'mesh0:here', address: { host: '10.0.0.1', port: '2000' } },
  reversePath: true,
  path: [],
  hopCount: 0,
};
const NO_ROOM: AnswerTo['offer'] = { kind: 'noRoom', path: [] };

/** A peer that answers when the test says so. */
class SlowPeers implements Peers {
  readonly asked: {
    verb: Verb;
    answer: (answer: AnswerTo[keyof AnswerTo]) => void;
    fail: (e: Error) => void;
  }[] = [];

  constructor(private readonly version: 3 | 4) {}

  call<V extends Verb>(_to: Address, verb: V): Promise<AnswerTo[V['verb']]> {
    return new Promise((resolve, reject) => {
      // The test gives the answer that belongs to the verb.
      const answer = resolve as (answer: AnswerTo[keyof AnswerTo]) => void;
      this.asked.push({ verb, answer, fail: reject });
    });
  }

  capabilities(): ReturnType<Peers['capabilities']> {
    return this.version === 4 ? { version: 4, bootId: 'boot', storeName: 'mesh0:peer' } : undefined;
  }

  named(verb: Verb['verb']): (typeof this.asked)[number][] {
    return this.asked.filter((asked) => asked.verb.verb === verb);
  }
}

describe('a neighbour that owes answers', () => {
  let clock: VirtualClock;
  let neighbours: Neighbours;
  let failed: Neighbour[];
  let canGoRound: boolean;

  beforeEach(() => {
    clock = new VirtualClock();
    neighbours = new Neighbours([{ address: PEER, redistribute: false }], {
      resolve: async (name) => [name],
    });
    failed = [];
    canGoRound = true;
  });

  function watching(peers: Peers): Liveness {
    const sink = { neighbourFailed: (neighbour: Neighbour) => void failed.push(neighbour) };
    return new Liveness(peers, neighbours, clock, sink, () => canGoRound);
  }
  const isSuspect = (): boolean => neighbours.isSuspect('10.0.0.2:2000');

  it('is not probed while it answers', async () => {
    const peers = new SlowPeers(4);
    const live = watching(peers);
    for (let round = 0; round < 20; round += 1) {
      const call = live.call(PEER, OFFER);
      await clock.advance(SILENCE_MS / 2);
      peers.asked.at(-1)?.answer(NO_ROOM);
      await call;
    }
    assert.equal(peers.named('probe').length, 0);
    assert.equal(isSuspect(), false);
  });

  it('is probed once it is silent, and not suspected if it answers that', async () => {
    const peers = new SlowPeers(4);
    void watching(peers).call(PEER, OFFER);
    await clock.advance(SILENCE_MS * 1.5);
    const [probe] = peers.named('probe');
    assert.ok(probe);
    probe.answer({ kind: 'alive', bootId: 'boot' });
    await clock.advance(SILENCE_MS - 1);
    assert.equal(isSuspect(), false);
  });

  it('is suspect when it does not answer the probe either, and an offer to it is given up where another way leads', async () => {
    const peers = new SlowPeers(4);
    const call = watching(peers).call(PEER, OFFER);
    const outcome = assert.rejects(call, StandsStillError);
    await clock.advance(SILENCE_MS * 3);
    await outcome;
    assert.equal(isSuspect(), true);
    assert.deepEqual(failed, []);
  });

  it('is waited for where no other way leads', async () => {
    canGoRound = false;
    const peers = new SlowPeers(4);
    const call = watching(peers).call(PEER, OFFER);
    await clock.advance(SILENCE_MS * 6);
    assert.equal(isSuspect(), true);
    peers.named('offer')[0]?.answer(NO_ROOM);
    assert.deepEqual(await call, NO_ROOM);
  });

  it('is trusted again with its first answer', async () => {
    const peers = new SlowPeers(4);
    await assert.rejects(
      Promise.all([watching(peers).call(PEER, OFFER), clock.advance(SILENCE_MS * 3)]),
      StandsStillError,
    );
    peers.named('probe')[0]?.answer({ kind: 'alive', bootId: 'boot' });
    await clock.settle();
    assert.equal(isSuspect(), false);
  });

  it('is lost when the time of the probe is over', async () => {
    canGoRound = false;
    const peers = new SlowPeers(4);
    void watching(peers).call(PEER, OFFER);
    await clock.advance(SILENCE_MS * 2);
    peers.named('probe')[0]?.fail(new RedlinkError('PEER_TIMEOUT', 'no answer'));
    await clock.settle();
    assert.deepEqual(
      failed.map(({ key }) => key),
      ['10.0.0.2:2000'],
    );
  });

  it('is not probed if it speaks version 3, which knows no probes', async () => {
    const peers = new SlowPeers(3);
    void watching(peers).call(PEER, OFFER);
    await clock.advance(SILENCE_MS * 10);
    assert.equal(peers.named('probe').length, 0);
    assert.equal(isSuspect(), false);
  });

  it('lets a message that it gives after all stay unread', async () => {
    const peers = new SlowPeers(4);
    const read: Verb = {
      verb: 'read',
      messageId: 'm1',
      producerId: 'p',
      consumer: { id: 'c', service: 'svc', storeName: 'mesh0:here' },
      path: [],
      readDelayMs: 0,
      room: 0,
      token: 't',
    };
    const outcome = assert.rejects(watching(peers).call(PEER, read), StandsStillError);
    await clock.advance(SILENCE_MS * 3);
    await outcome;
    const settled: boolean[] = [];
    const late = { kind: 'found', settle: (delivered: boolean) => void settled.push(delivered) };
    peers.named('read')[0]?.answer(late as AnswerTo['read']);
    await clock.settle();
    assert.deepEqual(settled, [false]);
  });

  it('leaves no timer once nothing is owed', async () => {
    const peers = new SlowPeers(4);
    const call = watching(peers).call(PEER, OFFER);
    peers.asked[0]?.answer(NO_ROOM);
    await call;
    await clock.advance(SILENCE_MS * 2);
    assert.equal(clock.pending, 0);
  });
});
