import assert from 'node:assert/strict';
import { hintsFromWire, hintsToWire } from '../../../src/protocol/v3/restore-hints.js';

describe('hints that bring back what JSON loses', () => {
  it('are taken as they are sent, as many as may be sent', () => {
    const dates = Array.from({ length: 60_000 }, () => [1]);
    const sent = hintsToWire({ dates });
    assert.ok(sent !== undefined);
    assert.deepEqual(hintsFromWire(sent), { dates });
  });

  it('count as none where there are more of them than may be sent', () => {
    const empty = Array.from({ length: 140_000 }, () => []);
    assert.equal(hintsToWire({ dates: empty }), undefined);
    assert.equal(hintsFromWire({ dates: empty }), undefined);
    const half = empty.slice(empty.length / 2);
    assert.equal(hintsFromWire({ dates: half, buffers: half }), undefined);
    const steps = Array.from({ length: 9_000 }, () => 0);
    assert.equal(hintsFromWire({ buffers: Array.from({ length: 20 }, () => steps) }), undefined);
  });
});
