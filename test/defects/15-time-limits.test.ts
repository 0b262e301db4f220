import assert from 'node:assert/strict';
import { CoreMesh } from '../support/core-mesh.js';

/** What the defect asks for, ms. */
const PRECISION_MS = 250;

describe('DEFECTS 15: the time limit of a message', () => {
  for (const [what, reads] of [
    ['that nobody read', false],
    ['that was read and not answered', true],
  ] as const) {
    it(`${what} is kept to within 250 ms, and the failure says which`, async () => {
      const mesh = new CoreMesh();
      const store = await mesh.store('10.0.0.1');
      if (reads) store.consumer({}, false);
      const producer = store.producer({ lifetimeMs: 3_300 });
      producer.send({ payload: 'x', extra: 1 }, 'kept');
      await mesh.clock.advance(3_300 - 1);
      assert.equal(producer.failures.length, 0);
      await mesh.clock.advance(PRECISION_MS);
      const [failure] = producer.failures;
      assert.equal(failure?.code, 'TIMED_OUT');
      assert.equal(failure.read, reads);
      assert.deepEqual(failure.original, { payload: 'x', extra: 1 });
      assert.equal(failure.preserved, 'kept');
      await mesh.close();
    });
  }
});
