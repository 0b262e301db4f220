import assert from 'node:assert/strict';
import { Engine } from '../../src/engine/engine.js';
import { AGEING_EVERY_TAKES, STARVATION_MS } from '../../src/engine/ready-queue.js';
import { messageRow } from './sample-rows.js';

const TO = {
  consumerId: 'consumer',
  consumerStore: 'mesh0:store',
  via: 'localhost:2001',
  notifiedEpochMs: 5,
  token: 'token',
};

describe('MessageTable', () => {
  let engine: Engine;
  let sequence: number;
  const accept = (id: string, changes: Partial<Parameters<typeof messageRow>[0]> = {}): void => {
    sequence += 1;
    engine.messages.insert(messageRow({ id, sequence, ...changes }));
  };
  const takeAll = (service: string, now = 0): (string | undefined)[] => {
    const ids: (string | undefined)[] = [];
    for (
      let row = engine.messages.takeReady(service, now);
      row;
      row = engine.messages.takeReady(service, now)
    ) {
      ids.push(row.id);
    }
    return ids;
  };

  beforeEach(() => {
    engine = new Engine();
    sequence = 0;
  });
  afterEach(() => {
    engine.close();
  });

  it('gives higher priority first, and within a priority the order of acceptance', () => {
    accept('low', { priority: -1 });
    accept('normal 1');
    accept('high', { priority: 9 });
    accept('normal 2');
    assert.equal(engine.messages.peekReady('echo')?.id, 'high');
    assert.deepEqual(takeAll('echo'), ['high', 'normal 1', 'normal 2', 'low']);
    assert.equal(engine.messages.size, 4, 'what was taken is still there');
  });

  it('keeps the services apart', () => {
    accept('a', { service: 'one' });
    accept('b', { service: 'two' });
    assert.deepEqual(engine.messages.readyServices(), ['one', 'two']);
    assert.deepEqual(takeAll('one'), ['a']);
    assert.deepEqual(engine.messages.readyServices(), ['two']);
    assert.equal(engine.messages.readyCount('two'), 1);
  });

  it('takes each message once and puts it back into its own place', () => {
    accept('a');
    accept('b');
    accept('c');
    const taken = engine.messages.takeReady('echo', 0);
    assert.equal(taken?.state, 'offering');
    assert.equal(engine.messages.takeReady('echo', 0)?.id, 'b');
    assert.ok(taken);
    engine.messages.requeue(taken);
    assert.deepEqual(takeAll('echo'), ['a', 'c']);
  });

  it('gives a starving message every fourth take, however many of higher priority come (DEFECTS 13)', () => {
    accept('patient', { priority: 0, acceptedAt: 0 });
    const now = STARVATION_MS + 1;
    let takes = 0;
    let taken: string | undefined;
    do {
      accept(`urgent ${takes}`, { priority: 9, acceptedAt: now });
      accept(`urgent too ${takes}`, { priority: 9, acceptedAt: now });
      taken = engine.messages.takeReady('echo', now)?.id;
      takes += 1;
    } while (taken !== 'patient' && takes <= AGEING_EVERY_TAKES);
    assert.equal(taken, 'patient');
    assert.equal(takes, AGEING_EVERY_TAKES);
  });

  it('keeps the turn of a starving message that nobody had room for', () => {
    accept('patient', { priority: 0, acceptedAt: 0 });
    for (let count = 0; count < 2 * AGEING_EVERY_TAKES; count += 1) {
      accept(`urgent ${count}`, { priority: 9, acceptedAt: STARVATION_MS });
    }
    const now = STARVATION_MS + 1;
    for (let takes = 1; takes < AGEING_EVERY_TAKES; takes += 1) engine.messages.takeReady('echo', now);
    const refused = engine.messages.takeReady('echo', now);
    assert.equal(refused?.id, 'patient');
    engine.messages.requeue(refused);
    assert.equal(engine.messages.takeReady('echo', now)?.id, 'patient');
  });

  it('gives a starving message its turn however many older ones of higher priority wait', () => {
    for (let count = 0; count < 10 * AGEING_EVERY_TAKES; count += 1) accept(`old ${count}`, { priority: 9 });
    accept('patient', { priority: 0, acceptedAt: 0 });
    const now = STARVATION_MS + 1;
    const taken = Array.from(
      { length: AGEING_EVERY_TAKES },
      () => engine.messages.takeReady('echo', now)?.id,
    );
    assert.equal(taken.at(-1), 'patient');
  });

  it('lets priorities that starve take turns', () => {
    for (let count = 0; count < 10 * AGEING_EVERY_TAKES; count += 1) accept(`high ${count}`, { priority: 9 });
    [5, 1, 5, 1].forEach((priority, place) => {
      accept(`low ${place}`, { priority, acceptedAt: 0 });
    });
    const now = STARVATION_MS + 1;
    const taken = Array.from(
      { length: 4 * AGEING_EVERY_TAKES },
      () => engine.messages.takeReady('echo', now)?.priority,
    );
    assert.deepEqual(
      taken.filter((priority) => priority !== 9),
      [5, 1, 5, 1],
    );
  });

  it('leaves the order to priority as long as nothing starves', () => {
    accept('patient', { priority: 0, acceptedAt: 0 });
    for (let count = 0; count < 2 * AGEING_EVERY_TAKES; count += 1)
      accept(`urgent ${count}`, { priority: 9 });
    assert.equal(takeAll('echo', STARVATION_MS).at(-1), 'patient');
  });

  it('knows what is assigned to a consumer and through a neighbour, until it is taken back', () => {
    accept('a');
    accept('b');
    engine.messages.takeReady('echo', 0);
    const assigned = engine.messages.assign('a', TO);
    assert.deepEqual(assigned && { ...assigned }, {
      ...messageRow({ id: 'a', sequence: 1 }),
      ...TO,
      state: 'assigned',
    });
    assert.deepEqual(engine.messages.assignedTo(TO.consumerStore, TO.consumerId), [assigned]);
    assert.deepEqual(engine.messages.assignedVia(TO.via), [assigned]);
    assert.deepEqual(engine.messages.assignedTo(TO.consumerId, TO.consumerStore), []);

    engine.messages.requeue('a');
    assert.deepEqual(engine.messages.assignedTo(TO.consumerStore, TO.consumerId), []);
    assert.deepEqual(engine.messages.assignedVia(TO.via), []);
    assert.deepEqual(takeAll('echo'), ['a', 'b']);
  });

  it('does nothing for a message that is gone', () => {
    accept('a');
    const row = engine.messages.remove('a');
    assert.ok(row);
    assert.equal(engine.messages.requeue(row), undefined);
    assert.equal(engine.messages.assign(row, TO), undefined);
    assert.equal(engine.messages.readyCount('echo'), 0);
  });

  it('says which service has become ready: by a new message and by one put back', () => {
    const ready: string[] = [];
    engine.messages.onReady((service) => ready.push(service));
    accept('a', { service: 'one' });
    accept('read already', { service: 'two', state: 'read' });
    engine.messages.takeReady('one', 0);
    engine.messages.requeue('a');
    assert.deepEqual(ready, ['one', 'one']);
  });

  it('lets a handler take the message that has become ready', () => {
    const taken: (string | undefined)[] = [];
    engine.messages.onReady((service) => taken.push(engine.messages.takeReady(service, 0)?.id));
    accept('a');
    accept('b');
    assert.deepEqual(taken, ['a', 'b']);
  });

  it('adds up the sizes of its messages', () => {
    accept('a', { byteLength: 1_000 });
    accept('b', { byteLength: 50, payloadName: 'file' });
    engine.messages.remove('a');
    assert.equal(engine.messages.bytes, 50);
  });
});
