import assert from 'node:assert/strict';
import fc from 'fast-check';
import { NonceMemory, type NonceSender } from '../../src/security/nonce-memory.js';
import { ReplayWindow } from '../../src/security/replay-window.js';

const SESSION = 'abcdefghijklmnopqrstuvwx';

/** A session of its own for each number. */
const session = (n: number): string => `${SESSION}${n}.1`;

/** A store on a machine: by itself on one of its own. */
const from = (name: string, machine = name): NonceSender => ({ name, machine });

describe('the memory of nonces', () => {
  it('takes each number of a session once, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 200 }), (numbers) => {
        const window = new ReplayWindow();
        const taken = new Set<number>();
        for (const number of numbers) {
          const fresh = window.take(number);
          assert.ok(!fresh || !taken.has(number), `${number} was taken twice`);
          const tooOld = number <= Math.max(-1, ...taken) - 16_384;
          assert.equal(fresh, !taken.has(number) && !tooOld, String(number));
          if (fresh) taken.add(number);
        }
      }),
    );
  });

  it('keeps senders apart, and refuses what is no nonce', () => {
    const memory = new NonceMemory();
    assert.equal(memory.take(from('one'), `${SESSION}.1`, 0), true);
    assert.equal(memory.take(from('other'), `${SESSION}.1`, 0), true);
    assert.equal(memory.take(from('one'), `${SESSION}.1`, 0), false);
    for (const nonce of ['', SESSION, `${SESSION}.-1`, `${SESSION}.1e9`, `short.1`]) {
      assert.equal(memory.take(from('one'), nonce, 0), false, nonce);
    }
  });

  it('is bounded, and forgets only sessions whose requests are too old anyway', () => {
    const memory = new NonceMemory();
    for (let n = 0; n < 10_000; n += 1) memory.take(from(`store ${n}`), `${SESSION}.1`, 0);
    assert.equal(memory.size, 4_096);
    assert.equal(memory.take(from('late'), `${SESSION}.1`, 100_000), false);
    assert.equal(memory.take(from('later'), `${SESSION}.1`, 200_000), true);
    assert.equal(memory.size, 1);
  });

  it('leaves room for others, whatever one member does', () => {
    const memory = new NonceMemory();
    for (let n = 0; n < 10_000; n += 1) memory.take(from('one'), session(n), 0);
    for (let n = 0; n < 10_000; n += 1) memory.take(from(`made up ${n}`, 'one'), session(n), 0);
    assert.ok(memory.size < 2_000, `${memory.size} sessions of one machine`);
    assert.equal(memory.take(from('other'), session(1), 0), true);
    assert.equal(memory.take(from('made up', 'one'), session(1), 0), false);
    assert.equal(memory.take(from('made up', 'one'), session(1), 200_000), true);
  });

  it('goes on knowing the sessions of a member that has too many', () => {
    const memory = new NonceMemory();
    assert.equal(memory.take(from('one'), session(0), 0), true);
    for (let n = 1; n < 1_000; n += 1) memory.take(from('one'), session(n), 0);
    assert.equal(memory.take(from('one'), session(0), 0), false);
    assert.equal(memory.take(from('one'), `${SESSION}0.2`, 0), true);
  });
});
