import assert from 'node:assert/strict';
import { Intake } from '../../nodes/runtime/intake.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the intake of a node', () => {
  const setUp = (): { intake: Intake<number>; handled: number[]; door: { open: boolean } } => {
    const handled: number[] = [];
    const door = { open: true };
    const intake = new Intake<number>(
      (item) => handled.push(item),
      () => door.open,
    );
    return { intake, handled, door };
  };
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, place) => place);

  it('handles a message at once', () => {
    const { intake, handled } = setUp();
    intake.put(1);
    assert.deepEqual(handled, [1]);
  });

  it('spreads a burst over turns of the event loop, keeps the order and loses none', async () => {
    const { intake, handled } = setUp();
    for (const item of upTo(1_000)) intake.put(item);
    let turns = 0;
    for (let before = 0; handled.length < 1_000; turns += 1) {
      assert.ok(handled.length - before <= 100, `${handled.length - before} in one turn`);
      before = handled.length;
      await turn();
    }
    assert.ok(turns >= 9, `${turns} turns`);
    assert.deepEqual(handled, upTo(1_000));
  });

  it('keeps the order where more comes while a burst is under way', async () => {
    const { intake, handled } = setUp();
    for (const item of upTo(250)) intake.put(item);
    await turn();
    intake.put(250);
    while (handled.length < 251) await turn();
    assert.deepEqual(handled, upTo(251));
  });

  it('holds everything while it is not open, and goes on when it is', async () => {
    const { intake, handled, door } = setUp();
    door.open = false;
    for (const item of upTo(3)) intake.put(item);
    await turn();
    assert.deepEqual(handled, []);
    door.open = true;
    intake.wake();
    await turn();
    assert.deepEqual(handled, upTo(3));
  });

  it('handles all that is left when it is drained, open or not, and nothing twice', async () => {
    const { intake, handled, door } = setUp();
    for (const item of upTo(500)) intake.put(item);
    door.open = false;
    intake.drain();
    assert.deepEqual(handled, upTo(500));
    await turn();
    assert.deepEqual(handled, upTo(500));
  });
});
