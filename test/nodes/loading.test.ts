import assert from 'node:assert/strict';
import { helper, nodeRedVersion, startFlow } from '../support/node-red.js';

describe(`the three nodes in Node-RED ${nodeRedVersion}`, () => {
  afterEach(() => helper.unload());

  it('run on the Node-RED that this test run is for', () => {
    const wanted = process.env['REDLINK_NODE_RED'] === undefined ? '4' : '5';
    assert.equal(nodeRedVersion.split('.')[0], wanted);
  });

  it('are there under the type names that flows made for 3.0.5 use', async () => {
    const types = ['redlink store', 'redlink producer', 'redlink consumer'];
    const tab = { id: 'tab', type: 'tab', label: 'Types' };
    await startFlow([
      tab,
      ...types.map((type, index) => ({ id: `node${String(index)}`, type, z: 'tab', wires: [] })),
    ]);
    assert.deepEqual(
      types.map((_, index) => helper.getNode(`node${String(index)}`).type),
      types,
    );
  });
});
