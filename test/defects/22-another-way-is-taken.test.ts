import assert from 'node:assert/strict';
import { CoreMesh, type CoreStore } from '../support/core-mesh.js';

const [NEAR, FIRST, SECOND, FAR] = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'];
const MESSAGES = 10;

describe('DEFECTS 22: a store on the way dies though another way exists', () => {
  for (const dying of [FIRST, SECOND]) {
    it(`messages take the other way within a second, when ${dying} dies`, async () => {
      const mesh = new CoreMesh();
      const between = new Map<string, CoreStore>();
      for (const host of [FIRST, SECOND]) between.set(host, await mesh.store(host));
      const far = await mesh.store(FAR, [FIRST, SECOND]);
      const near = await mesh.store(NEAR, [FIRST, SECOND]);
      far.consumer({ inTransitLimit: 2 * MESSAGES });
      await mesh.clock.advance(1_000);
      const producer = near.producer();
      producer.send();
      await mesh.clock.advance(500);
      assert.equal(producer.replies.length, 1, 'before');

      const victim = between.get(dying);
      assert.ok(victim);
      mesh.kill(victim, dying);
      for (let n = 0; n < MESSAGES; n += 1) producer.send();
      await mesh.clock.advance(1_000);
      assert.equal(producer.replies.length, 1 + MESSAGES, 'after');
      assert.equal(producer.failures.length, 0);
      await mesh.close();
    });
  }
});
