import assert from 'node:assert/strict';
import { SILENT_LOG } from '../../src/support/log.js';
import type { Answerer } from '../../src/transport/port.js';
import { CoreMesh, type CoreStore } from '../support/core-mesh.js';

const HUB = '10.0.0.1';
const SOUTH = '10.0.0.2';
/** Longer than a service lives of which nothing is heard, ms. */
const LIFETIMES_MS = 300_000;
const EVERY_MS = 1_000;

/** Answers nothing: nobody asks it. */
const NOBODY: Answerer = {
  capabilities: { version: 4, bootId: 'another', storeName: 'mesh0:impostor' },
  answer: () => Promise.reject(new Error('it was asked')),
  mustListenTo: () => undefined,
};

describe('a store that says of itself that it is at the address of another one', () => {
  let mesh: CoreMesh;
  let hub: CoreStore;
  const warnings: string[] = [];

  beforeEach(async () => {
    warnings.length = 0;
    mesh = new CoreMesh();
    hub = await mesh.store(HUB, [], {}, { log: { ...SILENT_LOG, warn: (text) => warnings.push(text) } });
    const south = await mesh.store(SOUTH, [HUB]);
    south.consumer({ service: 'echo' });
    await mesh.clock.advance(1_000);
  });
  afterEach(() => mesh.close());

  for (const storeName of ['mesh0:other', `mesh0:${SOUTH}`]) {
    it(`is not believed, and it is said once: ${storeName}`, async () => {
      const from = mesh.address(SOUTH);
      const impostor = mesh.network.join(mesh.address('10.0.0.3'), { modern: true, payloads: hub.payloads });
      const capabilities = { version: 4, bootId: 'another', storeName };
      await impostor.listen(NOBODY);
      for (let passed = 0; passed < LIFETIMES_MS; passed += EVERY_MS) {
        void impostor.peers.call(mesh.address(HUB), {
          verb: 'announce',
          from,
          capabilities,
          hadLostYou: false,
        });
        await mesh.clock.advance(EVERY_MS);
        assert.deepEqual(hub.store.services(), ['echo']);
      }
      assert.equal(warnings.length, 1);
    });
  }
});
