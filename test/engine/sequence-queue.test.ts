import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SequenceQueue } from '../../src/engine/sequence-queue.js';

interface Numbered {
  readonly sequence: number;
}

const inOrder = (rows: readonly Numbered[]): Numbered[] => [...rows].sort((a, b) => a.sequence - b.sequence);

describe('SequenceQueue', () => {
  it('agrees with a sorted list over random histories', () => {
    // Few long-lived rows and many taken at the head: what makes gaps, and closes them again.
    const step = fc.record({
      kind: fc.constantFrom('append', 'append', 'takeFirst', 'takeFirst', 'takeAny', 'bringBack'),
      pick: fc.nat(1_000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
        const queue = new SequenceQueue<Numbered>();
        let inside: Numbered[] = [];
        const outside: Numbered[] = [];
        steps.forEach(({ kind, pick }, sequence) => {
          const leaving = kind === 'takeFirst' ? inside[0] : inside[pick % Math.max(1, inside.length)];
          if (kind === 'append' || (kind === 'bringBack' && outside.length > 0)) {
            const [row] = kind === 'append' ? [{ sequence }] : outside.splice(pick % outside.length, 1);
            assert.ok(row);
            queue.add(row);
            inside = inOrder([...inside, row]);
          } else if (kind !== 'bringBack' && leaving !== undefined) {
            assert.ok(queue.delete(leaving));
            inside = inside.filter((row) => row !== leaving);
            outside.push(leaving);
          }
          assert.equal(queue.first(), inside[0]);
          assert.equal(queue.size, inside.length);
          assert.deepEqual(queue.inOrder(), inside);
        });
      }),
    );
  });

  it('keeps rows of one number apart', () => {
    const [first, second] = [{ sequence: 7 }, { sequence: 7 }];
    const queue = new SequenceQueue<Numbered>();
    queue.add(first);
    queue.add(second);
    assert.ok(queue.delete(second));
    assert.equal(queue.first(), first);
    assert.ok(!queue.delete(second), 'a row that is not in the queue cannot leave it');
    assert.equal(queue.size, 1);
  });
});
