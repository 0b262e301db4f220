import assert from 'node:assert/strict';
import { MOST_MB, slopeOf } from './soak.js';

const MB = 1_048_576;
const PER_LOOK = 50_000;

describe('the judge of the soak', () => {
  it('finds that a heap grows by more than it may', () => {
    const looks = Array.from({ length: 10 }, (_item, look) => (60 + look) * MB);
    const slope = slopeOf(looks, PER_LOOK);
    assert.deepEqual([slope, slope > MOST_MB], [2, true]);
  });

  it('makes nothing of a heap that grows while it warms up, and of one that goes up and down', () => {
    const looks = [20, 40, 60, 61, 60, 61, 60, 61, 60, 61].map((mb) => mb * MB);
    assert.ok(Math.abs(slopeOf(looks, PER_LOOK)) < MOST_MB);
  });
});
