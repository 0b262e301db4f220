import assert from 'node:assert/strict';
import { Engine } from '../../src/engine/engine.js';
import { replyRow } from './sample-rows.js';

describe('ReplyTable', () => {
  let engine: Engine;

  beforeEach(() => {
    engine = new Engine();
  });
  afterEach(() => {
    engine.close();
  });

  it('gives a producer its replies in the order of their coming, each until it is taken', () => {
    engine.replies.insert(replyRow({ messageId: 'late', sequence: 2 }));
    engine.replies.insert(replyRow({ messageId: 'early', sequence: 1 }));
    assert.equal(engine.replies.firstWaiting('producer')?.messageId, 'early');
    engine.replies.markRead('early');
    assert.equal(engine.replies.firstWaiting('producer')?.messageId, 'late');
    assert.equal(engine.replies.waitingCount('producer'), 1);
    assert.equal(engine.replies.waitingCount('other'), 0);
    assert.equal(engine.replies.size, 2);
  });

  it('adds up the sizes of its replies', () => {
    engine.replies.insert(replyRow({ messageId: 'a', byteLength: 10 }));
    engine.replies.insert(replyRow({ messageId: 'b', byteLength: 5 }));
    engine.replies.remove('a');
    assert.equal(engine.replies.bytes, 5);
  });

  it('wakes the producer that a reply has come for, and no other, until it no longer listens', () => {
    const woken: string[] = [];
    const stop = engine.replies.onWaiting('producer', () => woken.push('producer'));
    engine.replies.onWaiting('other', () => woken.push('other'));
    engine.replies.insert(replyRow({ messageId: 'a' }));
    engine.replies.insert(replyRow({ messageId: 'taken before a restart', read: true }));
    assert.deepEqual(woken, ['producer']);
    stop();
    engine.replies.insert(replyRow({ messageId: 'b' }));
    assert.deepEqual(woken, ['producer']);
  });
});
