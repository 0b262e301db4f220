import assert from 'node:assert/strict';
import { CoreMesh } from '../support/core-mesh.js';

const MESSAGES = 300;
const SHARE = MESSAGES / 3;
/** 5 % of all. */
const TOLERANCE = MESSAGES * 0.05;

describe('DEFECTS 14: balancing between stores', () => {
  it('gives three equal consumers a third each, and a dead one nothing', async () => {
    const mesh = new CoreMesh();
    const hosts = ['10.0.0.2', '10.0.0.3', '10.0.0.4'];
    const stores = [];
    for (const host of hosts) stores.push(await mesh.store(host));
    const near = await mesh.store('10.0.0.1', hosts, { balance: true });
    const consumers = stores.map((store) => store.consumer());
    await mesh.clock.advance(1_000);
    const producer = near.producer();
    const sendAll = async (): Promise<number[]> => {
      const before = consumers.map(({ received }) => received.length);
      for (let sent = 0; sent < MESSAGES; sent += 1) {
        producer.send();
        await mesh.clock.advance(20);
      }
      await mesh.clock.advance(2_000);
      return consumers.map(({ received }, index) => received.length - (before[index] ?? 0));
    };
    for (const count of await sendAll()) assert.ok(Math.abs(count - SHARE) <= TOLERANCE, String(count));

    const [dying] = stores;
    assert.ok(dying);
    mesh.kill(dying, '10.0.0.2');
    const [dead, ...alive] = await sendAll();
    assert.equal(dead, 0);
    for (const count of alive) assert.ok(Math.abs(count - MESSAGES / 2) <= TOLERANCE, String(count));
    await mesh.close();
  }).timeout(60_000);
});
