import assert from 'node:assert/strict';
import { mayPassOn } from '../../src/mesh/relay-rule.js';

describe('the rule of relaying', () => {
  it('passes own services to both sides', () => {
    assert.equal(mayPassOn({ direction: 'local', redistribute: false }, 'north'), true);
    assert.equal(mayPassOn({ direction: 'local', redistribute: false }, 'south'), true);
  });

  it('passes services from the south to norths and to other souths', () => {
    assert.equal(mayPassOn({ direction: 'south', redistribute: false }, 'north'), true);
    assert.equal(mayPassOn({ direction: 'south', redistribute: false }, 'south'), true);
  });

  it('passes services from a north southwards only where that link redistributes', () => {
    assert.equal(mayPassOn({ direction: 'north', redistribute: true }, 'south'), true);
    assert.equal(mayPassOn({ direction: 'north', redistribute: false }, 'south'), false);
  });

  it('never passes services from one north to another', () => {
    assert.equal(mayPassOn({ direction: 'north', redistribute: true }, 'north'), false);
  });
});
