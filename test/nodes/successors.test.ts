import assert from 'node:assert/strict';
import { Successors } from '../../nodes/runtime/successors.js';
import type { ReceivedMessage } from '../../src/consumer/events.js';
import { META } from '../transport/wire-stores.js';

function message(messageId: string): ReceivedMessage {
  const meta = { ...META, messageId, sendOnly: true };
  return { meta, message: {}, room: 0, readDelayMs: 0, transportMs: 0, notifyCount: 0 };
}

describe('what reaches a consumer whose flow has just ended', () => {
  let successors: Successors;
  let given: string[];
  const enter = (id: string): (() => void) =>
    successors.enter(id, ({ meta }) => given.push(`${id} ${meta.messageId}`));

  beforeEach(() => {
    successors = new Successors();
    given = [];
  });

  it('waits for the node that takes its place', () => {
    successors.leave('c', message('m1'));
    successors.leave('c', message('m2'));
    assert.deepEqual(given, []);
    enter('other');
    enter('c');
    assert.deepEqual(given, ['c m1', 'c m2']);
  });

  it('goes straight to a node that has taken its place already', () => {
    const leave = enter('c');
    enter('c');
    leave();
    successors.leave('c', message('m1'));
    assert.deepEqual(given, ['c m1']);
  });

  it('is given once', () => {
    successors.leave('c', message('m1'));
    enter('c')();
    enter('c');
    assert.deepEqual(given, ['c m1']);
  });

  it('is dropped, and counted, where no node is to come', () => {
    for (const id of ['gone', 'gone', 'coming']) successors.leave(id, message('m1'));
    assert.deepEqual([...successors.dropAbandoned((id) => id === 'coming')], [['gone', 2]]);
    enter('gone');
    enter('coming');
    assert.deepEqual(given, ['coming m1']);
  });
});
