import assert from 'node:assert/strict';
import { CoreMesh } from '../support/core-mesh.js';

const MESSAGES = 200;
const LIMIT = 4;

describe('DEFECTS 2: a message without room', () => {
  const mesh = new CoreMesh();
  after(() => mesh.close());

  it('slows no other service down, wherever the consumers are', async () => {
    const far = await mesh.store('10.0.0.2');
    const near = await mesh.store('10.0.0.1', ['10.0.0.2']);
    far.consumer({ id: 'full', service: 'full', inTransitLimit: 0 });
    far.consumer({ id: 'far', service: 'far', inTransitLimit: LIMIT });
    near.consumer({ id: 'near', service: 'near', inTransitLimit: LIMIT });
    await mesh.clock.advance(1_000);

    const timeFor = async (service: string): Promise<number> => {
      const producer = near.producer({ id: `p ${service} ${mesh.nextId()}`, service });
      const begun = mesh.clock.now();
      for (let sent = 0; sent < MESSAGES; sent += 1) producer.send();
      while (producer.replies.length < MESSAGES) await mesh.clock.advance(1);
      return mesh.clock.now() - begun;
    };
    const alone = [await timeFor('far'), await timeFor('near')];
    const stuck = near.producer({ service: 'full', priority: 9 });
    for (let sent = 0; sent < 10; sent += 1) stuck.send();
    const beside = [await timeFor('far'), await timeFor('near')];
    for (const [place, ms] of beside.entries()) {
      assert.ok(ms <= (alone[place] ?? 0) * 1.2 + 1, `${ms} ms instead of ${alone[place] ?? 0} ms`);
    }
    assert.equal(stuck.failures.length, 0);
  }).timeout(120_000);
});
