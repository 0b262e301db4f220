import assert from 'node:assert/strict';
import { certificateNames } from '../../src/security/store-names.js';

describe('the names in a certificate', () => {
  it('stand for a store with or without its mesh, as DNS name or URI', () => {
    for (const names of [
      'DNS:mesh0:plant',
      'DNS:x, DNS:Plant',
      'URI:redlink:mesh0:plant, IP Address:1.2.3.4',
    ]) {
      assert.equal(certificateNames(names, 'mesh0:plant'), true, names);
    }
  });

  it('stand for no other store', () => {
    for (const names of [undefined, '', 'DNS:plant.example', 'DNS:mesh1:plant', 'URI:plant', 'email:plant']) {
      assert.equal(certificateNames(names, 'mesh0:plant'), false, names);
    }
  });

  it('cannot be smuggled into one another', () => {
    assert.equal(certificateNames('DNS:"x, DNS:plant"', 'mesh0:plant'), false);
    assert.equal(certificateNames('DNS:"x\\", DNS:plant, \\"y"', 'mesh0:plant'), false);
  });
});
