import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RedlinkError } from '../../src/support/errors.js';
import { isRateUnit, RateLimiter } from '../../src/support/rate-limiter.js';
import { ManualClock } from './manual-clock.js';

describe('RateLimiter', () => {
  it('never lets more than the limit pass in any window, and refuses none that fits', () => {
    const rate = fc.record({
      messages: fc.integer({ min: 1, max: 6 }),
      seconds: fc.integer({ min: 1, max: 3 }),
    });
    const waits = fc.array(
      fc.integer({ min: 0, max: 3_600 }).map((quarters) => quarters / 4),
      { maxLength: 120 },
    );
    fc.assert(
      fc.property(rate, waits, ({ messages, seconds }, pauses) => {
        const clock = new ManualClock();
        const limiter = new RateLimiter(clock, { messages, periods: seconds, unit: 'second' });
        const passed: number[] = [];
        for (const pause of pauses) {
          clock.advance(pause);
          const inWindow = passed.filter((at) => at > clock.now() - seconds * 1_000).length;
          const took = limiter.take();
          assert.equal(took, inWindow < messages);
          if (took) passed.push(clock.now());
        }
      }),
    );
  });

  it('says how long to wait: not a millisecond less, not one more', () => {
    const clock = new ManualClock();
    const limiter = new RateLimiter(clock, { messages: 2, periods: 1, unit: 'second' });
    assert.equal(limiter.delayMs(), 0);
    assert.equal(limiter.take(), true);
    clock.advance(300);
    assert.equal(limiter.take(), true);
    assert.equal(limiter.delayMs(), 700);
    clock.advance(699);
    assert.equal(limiter.take(), false);
    assert.equal(limiter.delayMs(), 1);
    clock.advance(1);
    assert.equal(limiter.take(), true);
    assert.equal(limiter.take(), false);
    assert.equal(limiter.delayMs(), 300);
  });

  it('rounds a wait up to whole milliseconds, so that a timer never comes too early', () => {
    const clock = new ManualClock();
    const limiter = new RateLimiter(clock, { messages: 1, periods: 1, unit: 'second' });
    limiter.take();
    clock.advance(0.4);
    assert.equal(limiter.delayMs(), 1_000);
    clock.advance(999.2);
    assert.equal(limiter.take(), false);
    assert.equal(limiter.delayMs(), 1);
  });

  it('counts in minutes, hours and days, and in several of them', () => {
    for (const [unit, ms] of [
      ['minute', 60_000],
      ['hour', 3_600_000],
      ['day', 86_400_000],
    ] as const) {
      const clock = new ManualClock();
      const limiter = new RateLimiter(clock, { messages: 1, periods: 2, unit });
      limiter.take();
      assert.equal(limiter.delayMs(), 2 * ms);
    }
  });

  it('gives everyone a turn when a backlog waits for it', () => {
    const clock = new ManualClock();
    const limiter = new RateLimiter(clock, { messages: 1, periods: 1, unit: 'second' });
    let waiting = 8;
    const drain = (): void => {
      while (waiting > 0 && limiter.take()) waiting--;
      if (waiting > 0) clock.after(limiter.delayMs(), drain);
    };
    drain();
    clock.advance(6_999);
    assert.equal(waiting, 1);
    clock.advance(1);
    assert.equal(waiting, 0);
  });

  it('refuses what is no rate', () => {
    const clock = new ManualClock();
    const refused = (messages: number, periods: number): void => {
      assert.throws(
        () => new RateLimiter(clock, { messages, periods, unit: 'second' }),
        (thrown) => thrown instanceof RedlinkError && thrown.code === 'BAD_CONFIGURATION',
      );
    };
    for (const messages of [0, -1, 1.5, NaN, Infinity]) refused(messages, 1);
    for (const periods of [0, -1, NaN, Infinity]) refused(1, periods);
  });

  it('knows the units of the nodes and no property of objects', () => {
    assert.deepEqual(['second', 'minute', 'hour', 'day'].map(isRateUnit), [true, true, true, true]);
    assert.deepEqual(['seconds', '', 'constructor', '__proto__'].map(isRateUnit), [
      false,
      false,
      false,
      false,
    ]);
  });
});
