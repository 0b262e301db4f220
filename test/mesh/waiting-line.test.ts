import assert from 'node:assert/strict';
import { WaitingLine } from '../../src/mesh/waiting-line.js';

const NEVER = { cancel: (): void => undefined };

describe('the line of those who wait for room', () => {
  it('takes who came first, and keeps his place for who asks again', () => {
    const line = new WaitingLine<number>();
    line.enter('a', 1);
    line.enter('b', 2);
    line.enter('a', 1);
    assert.equal(line.next()?.key, 'a');
    assert.equal(line.next()?.key, 'b');
    assert.equal(line.next(), undefined);
  });

  it('puts who found his place taken at the head', () => {
    const line = new WaitingLine<number>();
    line.enter('a', 1);
    line.enterFirst('b', 2);
    assert.equal(line.next()?.key, 'b');
  });

  it('passes over one, who stays', () => {
    const line = new WaitingLine<number>();
    line.enter('a', 1);
    line.enter('b', 2);
    assert.equal(line.next('a')?.key, 'b');
    assert.equal(line.length, 1);
  });

  it('keeps places until they are taken, given back or released', () => {
    const line = new WaitingLine<number>();
    let cancelled = 0;
    const lapses = { cancel: (): void => void (cancelled += 1) };
    line.keep('a', 3, lapses);
    assert.equal(line.take('b'), false);
    assert.equal(line.take('a'), true);
    line.giveBack('a', 1);
    assert.equal(line.keptPlaces, 1);
    assert.equal(cancelled, 0);
    assert.equal(line.release('a'), 1);
    assert.equal(cancelled, 1);
    assert.ok(line.isEmpty);
  });

  it('adds up what is kept for one that is invited twice', () => {
    const line = new WaitingLine<number>();
    line.keep('a', 1, NEVER);
    line.keep('a', 2, NEVER);
    assert.equal(line.keptPlaces, 3);
    line.clear();
    assert.equal(line.keptPlaces, 0);
  });
});
