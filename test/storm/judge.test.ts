import assert from 'node:assert/strict';
import { judge } from './judge.js';
import type { Entry, Kind } from './ledger.js';

const accepted = (kind: Kind): Entry => ({ saw: 'accepted', number: 1, kind });
const received = (delivery: number): Entry => ({ saw: 'received', number: 1, delivery });
const replied = (mayRepeat: boolean): Entry => ({ saw: 'replied', number: 1, mayRepeat });
const refused: Entry = { saw: 'refused', number: 1, code: 'NO_STORE' };
const failed = (code: string, read: boolean): Entry => ({ saw: 'failed', number: 1, code, read });

describe('the judge of a storm', () => {
  for (const [what, entries] of [
    ['a reply', [accepted('once'), received(1), replied(false)]],
    [
      'a lost consumer, where nothing is delivered again',
      [accepted('once'), received(1), failed('CONSUMER_LOST', true)],
    ],
    ['a flagged repeat', [accepted('redeliver'), received(1), received(2), replied(false), replied(true)]],
    ['send-only that was read', [accepted('sendOnly'), received(1)]],
    ['one that was refused', [refused]],
    ['one whose sender died before it was told', [received(1)]],
  ] as const) {
    it(`finds nothing wrong with ${what}`, () => {
      assert.deepEqual(judge(entries).wrong, []);
    });
  }

  for (const [what, entries] of [
    ['a message that is lost', [accepted('once'), received(1)]],
    ['a message with two ends', [accepted('redeliver'), replied(false), failed('CONSUMER_LOST', true)]],
    [
      'a second delivery that says it is the first',
      [accepted('redeliver'), received(1), received(1), replied(false)],
    ],
    ['a second delivery where none is allowed', [accepted('once'), received(1), received(2), replied(false)]],
    ['a second reply that does not say so', [accepted('once'), received(1), replied(false), replied(false)]],
    ['one that was refused and goes on', [refused, received(1)]],
    ['a failure for no reason', [accepted('redeliver'), failed('EXPIRED', false)]],
    ['send-only that comes twice', [accepted('sendOnly'), received(1), received(2)]],
  ] as const) {
    it(`finds ${what}`, () => {
      assert.equal(judge(entries).wrong.length, 1);
    });
  }
});
