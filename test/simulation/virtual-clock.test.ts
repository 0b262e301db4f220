import assert from 'node:assert/strict';
import { VirtualClock } from './virtual-clock.js';

describe('simulation: the virtual clock', () => {
  it('fires timers by their moment, then in the order of asking', async () => {
    const clock = new VirtualClock();
    const fired: string[] = [];
    clock.after(20, () => fired.push(`c ${clock.now()}`));
    clock.after(10, () => fired.push(`a ${clock.now()}`));
    clock.after(10, () => fired.push(`b ${clock.now()}`));
    await clock.advance(15);
    assert.deepEqual(fired, ['a 10', 'b 10']);
    await clock.advance(5);
    assert.deepEqual(fired, ['a 10', 'b 10', 'c 20']);
  });

  it('never goes back', async () => {
    const clock = new VirtualClock();
    await clock.advance(10);
    await clock.advance(-5);
    assert.equal(clock.now(), 10);
  });

  it('hands over before it lets time pass', async () => {
    const clock = new VirtualClock();
    const fired: string[] = [];
    clock.after(0, () => fired.push('timer'));
    clock.soon(() => fired.push('soon'));
    await clock.advance(0);
    assert.deepEqual(fired, ['soon', 'timer']);
  });

  it('lets every promise of an event come to rest before the next', async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.after(1, () => {
      void (async () => {
        for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
        await new Promise((resolve) => setImmediate(resolve));
        seen.push('long work');
      })();
    });
    clock.after(1, () => seen.push('next event'));
    await clock.advance(1);
    assert.deepEqual(seen, ['long work', 'next event']);
  });

  it('does not fire what was cancelled, nor anything of a store that stopped', async () => {
    const clock = new VirtualClock();
    const store = clock.forStore(0);
    const fired: string[] = [];
    clock.after(5, () => fired.push('cancelled')).cancel();
    store.after(5, () => fired.push('stopped'));
    store.soon(() => fired.push('stopped'));
    assert.equal(store.pending, 2);
    store.stop();
    store.after(5, () => fired.push('after the stop'));
    assert.equal(store.pending, 0);
    await clock.advance(10);
    assert.deepEqual(fired, []);
  });

  it('shows each store its own time of day and the same passing of time', () => {
    const clock = new VirtualClock();
    const fast = clock.forStore(86_400_000);
    assert.equal(fast.wall() - clock.wall(), 86_400_000);
    assert.equal(fast.now(), clock.now());
  });

  it('runs until nothing waits, and says so where something always does', async () => {
    const clock = new VirtualClock();
    clock.after(1_000, () => clock.after(1_000, () => undefined));
    await clock.runUntilIdle(5_000);
    assert.equal(clock.now(), 2_000);
    const tick = (): void => void clock.after(100, tick);
    tick();
    await assert.rejects(clock.runUntilIdle(5_000), /still wait/);
  });

  it('notices a loop in which no time passes', async () => {
    const clock = new VirtualClock();
    const loop = (): void => {
      clock.soon(loop);
    };
    loop();
    await assert.rejects(clock.advance(1), /time stands still/);
  }).timeout(20_000);
});
