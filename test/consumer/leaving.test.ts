import assert from 'node:assert/strict';
import { CoreMesh } from '../support/core-mesh.js';

const STEP_MS = 0.1;
const SETTLED_MS = 5_000;

describe('a consumer that leaves while it says that it has a message', () => {
  for (const how of ['is taken out of the flow', 'loses its store'] as const) {
    it(`gives it to the flow all the same where it ${how}: nobody else gets it any more`, async () => {
      const mesh = new CoreMesh();
      const far = await mesh.store('10.0.0.2');
      const near = await mesh.store('10.0.0.1', ['10.0.0.2']);
      const { consumer, received } = far.consumer({}, false);
      await mesh.clock.advance(1_000);
      const messageId = near.producer({ sendOnly: true }).send();
      while (!mesh.said(messageId).some((line) => line.includes('taken'))) await mesh.clock.advance(STEP_MS);
      assert.equal(received.length, 0);
      if (how === 'loses its store') consumer.forgetStore();
      else consumer.detach();
      await mesh.clock.advance(SETTLED_MS);
      assert.equal(near.store.engine.messages.rows().length, 0);
      assert.equal(received.length, 1);
      await mesh.close();
    });
  }
});
