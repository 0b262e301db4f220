import assert from 'node:assert/strict';
import { Engine } from '../../src/engine/engine.js';
import type { Confirm, Hop, Offer } from '../../src/protocol/verbs.js';
import { Inbox } from '../../src/store/inbox.js';
import { pathOf } from '../../src/store/way-home.js';
import { DeadlineHeap } from '../../src/support/deadline-heap.js';
import { SILENT_LOG } from '../../src/support/log.js';
import { ManualClock } from '../support/manual-clock.js';

const OWN = 'mesh0:S2';
const CONSUMER = 'c1';

function way(...names: string[]): Hop[] {
  return names.map((name) => ({
    storeName: `mesh0:${name}`,
    address: { host: '10.0.0.1', port: '2000' },
    reversePath: true,
  }));
}

function offer(path: readonly Hop[]): Offer {
  return {
    verb: 'offer',
    service: 'svc',
    messageId: 'm1',
    producerId: 'p1',
    source: { storeName: 'mesh0:S1', address: { host: '10.0.0.1', port: '2000' } },
    reversePath: true,
    path,
    hopCount: 1,
  };
}

function confirm(path: readonly Hop[]): Confirm {
  return {
    ...offer([...path, ...way('S2')]),
    verb: 'confirm',
    consumerId: CONSUMER,
    deadlineInMs: 60_000,
    token: undefined,
    remaining: way('S2'),
  };
}

describe(`the inbox of ${OWN}, for a message that was accepted and is offered again`, () => {
  const [FIRST, OTHER] = [way('S1', 'S10'), way('S1', 'S11')];
  let engine: Engine;
  let inbox: Inbox;

  beforeEach(() => {
    const clock = new ManualClock();
    engine = new Engine(SILENT_LOG);
    const deadlines = new DeadlineHeap(clock, (error) => {
      throw error;
    });
    inbox = new Inbox(engine, deadlines, clock, {
      roomFreed: () => undefined,
      consumerLost: () => undefined,
    });
    inbox.attach({
      id: CONSUMER,
      service: 'svc',
      inTransitLimit: 1,
      wake: () => undefined,
      replyFailed: () => undefined,
    });
    assert.equal(inbox.hold(offer(FIRST), true)?.consumerId, CONSUMER);
    assert.ok(inbox.confirm(confirm(FIRST)));
  });
  afterEach(() => {
    engine.close();
  });

  const wayOf = (): string[] => {
    const row = inbox.assignment('m1', CONSUMER);
    assert.ok(row !== undefined);
    return pathOf(row).map(({ storeName }) => storeName);
  };

  it('refuses it by the way that it came', () => {
    assert.equal(inbox.hold(offer(FIRST), true), undefined);
    assert.deepEqual(wayOf(), ['mesh0:S1', 'mesh0:S10', OWN]);
  });

  it('takes it by another way while it is unread, in the place that it has: the first way may be dead', () => {
    assert.equal(inbox.hold(offer(OTHER), true)?.consumerId, CONSUMER);
    assert.equal(inbox.confirm(confirm(OTHER))?.room, 100);
    assert.deepEqual(wayOf(), ['mesh0:S1', 'mesh0:S11', OWN]);
    assert.equal(engine.notifies.size, 1);
  });

  it('refuses it by another way, too, once it is read', () => {
    engine.notifies.setState('m1', 'read');
    assert.equal(inbox.hold(offer(OTHER), true), undefined);
    assert.ok(inbox.confirm(confirm(OTHER)), 'a repeated confirmation is answered');
    assert.deepEqual(wayOf(), ['mesh0:S1', 'mesh0:S10', OWN]);
  });

  const offerUnder = (token: string, path = FIRST, counter?: number): Offer => ({
    ...offer(path),
    terms: {
      token,
      deadlineInMs: 60_000,
      turn: counter === undefined ? undefined : { bootId: 'b1', counter },
      message: undefined,
    },
  });

  it('takes it under new terms even by the same way: its producer’s store has given up the old ones', () => {
    const anew = offerUnder('t2');
    assert.equal(inbox.hold(anew, true)?.consumerId, CONSUMER);
    assert.ok(inbox.assign(anew, CONSUMER, [...FIRST, ...way('S2')]));
    assert.equal(inbox.assignment('m1', CONSUMER)?.token, 't2');
    assert.equal(engine.notifies.size, 1);
  });

  it('takes an offer that was repeated on the way once', () => {
    const anew = offerUnder('t2');
    for (const arrival of [anew, anew]) {
      assert.equal(inbox.hold(arrival, true)?.consumerId, CONSUMER);
      assert.ok(inbox.assign(arrival, CONSUMER, [...FIRST, ...way('S2')]));
    }
    assert.equal(engine.notifies.size, 1);
    inbox.expire('m1');
    assert.equal(inbox.hold(anew, true), undefined, 'what it brought is over');
    assert.ok(inbox.hold(offerUnder('t3'), true), 'a later one is another assignment');
  });

  it('refuses older terms that come late, out of a store that stood still, while the newer are being read and after', () => {
    const newer = offerUnder('t2', OTHER, 2);
    assert.ok(inbox.hold(newer, true));
    assert.ok(inbox.assign(newer, CONSUMER, [...OTHER, ...way('S2')]));
    const late = offerUnder('t1', FIRST, 1);
    engine.notifies.setState('m1', 'reading');
    assert.equal(inbox.hold(late, true), undefined);
    assert.equal(inbox.assignment('m1', CONSUMER)?.token, 't2');
    inbox.endReply('m1');
    assert.equal(inbox.hold(late, true), undefined, 'its message has been answered');
  });

  it('takes the terms of a producer’s store that has restarted, though it counts anew', () => {
    assert.ok(inbox.assign(offerUnder('t2', OTHER, 2), CONSUMER, [...OTHER, ...way('S2')]));
    const { terms, ...offered } = offerUnder('t3', FIRST, 1);
    assert.ok(terms !== undefined);
    assert.ok(inbox.hold({ ...offered, terms: { ...terms, turn: { bootId: 'b2', counter: 1 } } }, true));
  });

  it('assigns nothing by an offer without terms', () => {
    inbox.drop('m1');
    assert.ok(inbox.hold(offer(FIRST), true));
    assert.equal(inbox.assign(offer(FIRST), CONSUMER, FIRST), false);
    assert.equal(engine.notifies.size, 0);
  });
});
