import assert from 'node:assert/strict';
import { Engine } from '../../src/engine/engine.js';
import { notifyRow } from './sample-rows.js';

describe('NotifyTable', () => {
  let engine: Engine;
  const notify = (messageId: string, sequence: number, sendOnly = false): void => {
    engine.notifies.insert(notifyRow({ messageId, sequence, sendOnly }));
  };

  beforeEach(() => {
    engine = new Engine();
  });
  afterEach(() => {
    engine.close();
  });

  it('gives a consumer its oldest unread message, and a failed read its old place back', () => {
    notify('a', 1);
    notify('b', 2);
    engine.notifies.setState('a', 'reading');
    assert.equal(engine.notifies.firstWaiting('consumer')?.messageId, 'b');
    engine.notifies.setState('a', 'waiting');
    assert.deepEqual(
      engine.notifies.waiting('consumer').map((row) => row.messageId),
      ['a', 'b'],
    );
    assert.equal(engine.notifies.firstWaiting('nobody'), undefined);
  });

  it('counts against the limit what is unread, being read, and unreplied', () => {
    notify('a', 1);
    notify('b', 2);
    engine.notifies.setState('a', 'read');
    engine.notifies.setState('b', 'reading');
    assert.equal(engine.notifies.outstanding('consumer'), 2);
    engine.notifies.setState('a', 'replying');
    assert.equal(engine.notifies.outstanding('consumer'), 1, 'a reply on its way holds no place');
    engine.notifies.remove('a');
    assert.equal(engine.notifies.outstanding('consumer'), 1);
    assert.equal(engine.notifies.waitingCount('consumer'), 0);
    assert.equal(engine.notifies.ofConsumer('consumer').length, 1);
  });

  it('does not count a sendOnly message once it is read', () => {
    notify('a', 1, true);
    assert.equal(engine.notifies.outstanding('consumer'), 1);
    engine.notifies.setState('a', 'read');
    assert.equal(engine.notifies.outstanding('consumer'), 0);
  });

  it('counts a message that turns out to be sendOnly only while it is unread', () => {
    notify('a', 1);
    engine.notifies.setState('a', 'read');
    engine.notifies.update('a', (row) => {
      row.sendOnly = true;
    });
    assert.equal(engine.notifies.outstanding('consumer'), 0);
  });

  it('wakes the consumer that a message waits for, and no other, until it no longer listens', () => {
    const woken: string[] = [];
    const stop = engine.notifies.onWaiting('consumer', () => woken.push('consumer'));
    engine.notifies.onWaiting('other', () => woken.push('other'));
    notify('a', 1);
    engine.notifies.setState('a', 'reading');
    assert.deepEqual(woken, ['consumer']);
    engine.notifies.setState('a', 'waiting');
    assert.deepEqual(woken, ['consumer', 'consumer']);
    stop();
    notify('b', 2);
    assert.equal(woken.length, 2);
  });
});
