import assert from 'node:assert/strict';
import { Engine } from '../../src/engine/engine.js';
import { Capacity } from '../../src/store/capacity.js';
import { messageRow } from '../engine/sample-rows.js';

const TOO_FULL = { code: 'STORE_FULL' };

describe('what a store takes in', () => {
  let engine: Engine;
  let turns: boolean[];
  let capacity: Capacity;
  beforeEach(() => {
    engine = new Engine();
    turns = [];
    capacity = new Capacity('mesh0:s', engine, { maxMessages: 3, maxBytes: 1_000 }, () => {
      turns.push(capacity.full);
    });
  });
  afterEach(() => {
    engine.close();
  });

  it('is so many messages, those on their way to the disk counted in', () => {
    engine.messages.insert(messageRow({ id: 'm1' }));
    engine.messages.insert(messageRow({ id: 'm2' }));
    capacity.mustTake(1);
    const release = capacity.reserve(1);
    assert.throws(() => {
      capacity.mustTake(1);
    }, TOO_FULL);
    release();
    release();
    capacity.mustTake(1);
  });

  it('is so many bytes, those on their way to the disk counted in', () => {
    capacity.mustTake(1_000);
    assert.throws(() => {
      capacity.mustTake(1_001);
    }, TOO_FULL);
    capacity.reserve(600);
    capacity.mustTake(400);
    assert.throws(() => {
      capacity.mustTake(401);
    }, TOO_FULL);
  });

  it('says once that it has become full, and once that it is so no more', () => {
    const release = capacity.reserve(1_000);
    capacity.noteChange();
    capacity.noteChange();
    release();
    capacity.noteChange();
    assert.deepEqual(turns, [true, false]);
  });
});
