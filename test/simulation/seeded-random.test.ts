import assert from 'node:assert/strict';
import { SeededRandom } from './seeded-random.js';

const DRAWS = 2_000;

function draw(random: SeededRandom): readonly number[] {
  return Array.from({ length: DRAWS }, () => random.fraction());
}

describe('simulation: seeded randomness', () => {
  it('gives the same numbers for the same seed, others for another', () => {
    assert.deepEqual(draw(new SeededRandom('7')), draw(new SeededRandom('7')));
    assert.notDeepEqual(draw(new SeededRandom('7')), draw(new SeededRandom('8')));
  });

  it('gives each part of a run its own numbers, whatever the other parts draw', () => {
    const busy = new SeededRandom('7');
    const weather = busy.fork('weather');
    draw(busy.fork('messages'));
    assert.deepEqual(draw(weather), draw(new SeededRandom('7').fork('weather')));
  });

  it('stays within its bounds and uses all of them', () => {
    const random = new SeededRandom('bounds');
    const drawn = new Set(Array.from({ length: DRAWS }, () => random.whole(1, 6)));
    assert.deepEqual([...drawn].sort(), [1, 2, 3, 4, 5, 6]);
    const mean = draw(random).reduce((sum, value) => sum + value, 0) / DRAWS;
    assert.ok(mean > 0.45 && mean < 0.55, `mean ${mean}`);
    assert.ok(draw(random).every((value) => value >= 0 && value < 1));
    assert.equal(random.chance(0), false);
    assert.equal(random.chance(100), true);
  });

  it('has nothing to pick from an empty list', () => {
    assert.throws(() => new SeededRandom('1').pick([]), /nothing to pick/);
  });
});
