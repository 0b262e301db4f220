import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DeadlineHeap } from '../../src/support/deadline-heap.js';
import { ManualClock } from './manual-clock.js';

function fixture() {
  const clock = new ManualClock();
  const errors: string[] = [];
  const fired: string[] = [];
  const deadlines = new DeadlineHeap(clock, (thrown, key) => errors.push(`${key}: ${String(thrown)}`));
  const set = (key: string, at: number): void => {
    deadlines.set(key, at, () => fired.push(`${key}@${clock.now()}`));
  };
  return { clock, errors, fired, deadlines, set };
}

describe('DeadlineHeap', () => {
  it('fires each deadline at its moment, whatever the order of setting', () => {
    const { clock, fired, deadlines, set } = fixture();
    set('late', 300);
    set('early', 100);
    set('middle', 200);
    clock.advance(1_000);
    assert.deepEqual(fired, ['early@100', 'middle@200', 'late@300']);
    assert.equal(deadlines.size, 0);
  });

  it('fires deadlines of one moment in the order of setting', () => {
    const { clock, fired, set } = fixture();
    for (const key of ['a', 'b', 'c', 'd', 'e']) set(key, 10);
    clock.advance(10);
    assert.deepEqual(fired, ['a@10', 'b@10', 'c@10', 'd@10', 'e@10']);
  });

  it('holds one timer for any number of deadlines, and none when there is nothing left', () => {
    const { clock, deadlines, set } = fixture();
    for (let n = 0; n < 1_000; n++) set(`k${n}`, 5_000 - n);
    assert.equal(clock.timers, 1);
    for (let n = 0; n < 1_000; n++) deadlines.cancel(`k${n}`);
    assert.equal(clock.timers, 0);
    set('again', 10_000);
    clock.advance(10_000);
    assert.equal(clock.timers, 0);
  });

  it('does not fire what was cancelled, and says whether there was something to cancel', () => {
    const { clock, fired, deadlines, set } = fixture();
    set('a', 10);
    set('b', 20);
    assert.equal(deadlines.cancel('a'), true);
    assert.equal(deadlines.cancel('a'), false);
    clock.advance(100);
    assert.deepEqual(fired, ['b@20']);
  });

  it('replaces the deadline of a key, to earlier and to later', () => {
    const { clock, fired, deadlines, set } = fixture();
    set('sooner', 100);
    set('sooner', 50);
    set('later', 60);
    set('later', 200);
    assert.equal(deadlines.size, 2);
    clock.advance(1_000);
    assert.deepEqual(fired, ['sooner@50', 'later@200']);
  });

  it('never fires a deadline of Infinity, which also takes back an earlier one', () => {
    const { clock, fired, deadlines, set } = fixture();
    set('a', 10);
    set('a', Infinity);
    assert.equal(deadlines.size, 0);
    assert.equal(clock.timers, 0);
    clock.advance(1e9);
    assert.deepEqual(fired, []);
  });

  it('refuses a moment that is not a number', () => {
    const { set } = fixture();
    assert.throws(() => {
      set('a', NaN);
    }, RangeError);
  });

  it('fires a deadline in the past soon, but not while it is being set', () => {
    const { clock, fired, set } = fixture();
    clock.advance(500);
    set('past', 100);
    assert.deepEqual(fired, []);
    clock.advance(0);
    assert.deepEqual(fired, ['past@500']);
  });

  it('goes on with the others when one throws, and reports it', () => {
    const { clock, fired, errors, deadlines, set } = fixture();
    deadlines.set('bad', 10, () => {
      throw new Error('no');
    });
    set('good', 10);
    set('next', 20);
    clock.advance(20);
    assert.deepEqual(fired, ['good@10', 'next@20']);
    assert.deepEqual(errors, ['bad: Error: no']);
  });

  it('lets a handler set and cancel deadlines', () => {
    const { clock, fired, deadlines, set } = fixture();
    set('victim', 10);
    deadlines.set('first', 5, () => {
      deadlines.cancel('victim');
      set('first', 30);
    });
    clock.advance(100);
    assert.deepEqual(fired, ['first@30']);
  });

  it('gives other work a turn while a hundred thousand fire at once, and loses none', () => {
    const { clock, fired, deadlines, set } = fixture();
    for (let n = 0; n < 100_000; n++) set(`k${n}`, 10);
    let firedBeforeOtherWork = -1;
    clock.after(10, () => (firedBeforeOtherWork = fired.length));
    clock.advance(10);
    assert.ok(firedBeforeOtherWork < 100_000, `${firedBeforeOtherWork} fired before other work had its turn`);
    assert.equal(fired.length, 100_000);
    assert.equal(deadlines.size, 0);
  });

  it('is silent after close, and keeps nothing that is set then', () => {
    const { clock, fired, deadlines, set } = fixture();
    set('a', 10);
    deadlines.set('closer', 5, () => {
      deadlines.close();
    });
    clock.advance(5);
    set('b', 20);
    clock.advance(100);
    assert.deepEqual(fired, []);
    assert.equal(deadlines.size, 0);
    assert.equal(clock.timers, 0);
  });

  it('fires exactly what a plain list of deadlines would, over random histories', () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), in: fc.nat(40), wait: fc.nat(30) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { clock, fired, set } = fixture();
        const model = new Map<string, number>();
        const expected: string[] = [];
        const expire = (until: number): void => {
          for (const [key, at] of [...model].sort(([, a], [, b]) => a - b)) {
            if (at > until) continue;
            expected.push(`${key}@${at}`);
            model.delete(key);
          }
        };
        for (const { key, in: delay, wait } of steps) {
          const at = clock.now() + delay;
          set(key, at);
          model.set(key, at);
          clock.advance(wait);
          expire(clock.now());
        }
        assert.deepEqual([...fired].sort(), [...expected].sort());
      }),
    );
  });
});
