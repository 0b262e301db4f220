import assert from 'node:assert/strict';
import { consumersPass, storesPass } from '../../src/mesh/relay-rule.js';

describe('the rule of relaying', () => {
  it('passes own services to both sides', () => {
    assert.equal(consumersPass({ direction: 'local', redistribute: false }, 'north'), true);
    assert.equal(consumersPass({ direction: 'local', redistribute: false }, 'south'), true);
  });

  it('passes services from the south to norths and to other souths', () => {
    assert.equal(consumersPass({ direction: 'south', redistribute: false }, 'north'), true);
    assert.equal(consumersPass({ direction: 'south', redistribute: false }, 'south'), true);
  });

  it('passes services from a north southwards only where that link redistributes', () => {
    assert.equal(consumersPass({ direction: 'north', redistribute: true }, 'south'), true);
    assert.equal(consumersPass({ direction: 'north', redistribute: false }, 'south'), false);
  });

  it('never passes services from one north to another', () => {
    assert.equal(consumersPass({ direction: 'north', redistribute: true }, 'north'), false);
  });

  it('passes stores everywhere but from one north to another, because what comes back goes the other way', () => {
    assert.equal(storesPass({ direction: 'north', redistribute: false }, 'south'), true);
    assert.equal(storesPass({ direction: 'south', redistribute: false }, 'north'), true);
    assert.equal(storesPass({ direction: 'north', redistribute: true }, 'north'), false);
  });
});
