import assert from 'node:assert/strict';
import { CoreMesh } from '../support/core-mesh.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Longer than a route lives without a word. */
const FORGOTTEN_AFTER_MS = 3 * MINUTE_MS;

describe('DEFECTS 24: a store whose clock is wrong', () => {
  for (const modern of [true, false]) {
    for (const [what, wallOffsetMs] of [
      ['three minutes slow', -3 * MINUTE_MS],
      ['a day fast', DAY_MS],
      ['a day slow', -DAY_MS],
    ] as const) {
      it(`${modern ? '' : 'and that speaks like 3.0.5, '}${what}: its consumers are known while they are there, and no longer`, async () => {
        const mesh = new CoreMesh();
        const far = await mesh.store('10.0.0.2', [], {}, { wallOffsetMs, modern });
        const near = await mesh.store('10.0.0.1', ['10.0.0.2']);
        far.consumer();
        await mesh.clock.advance(MINUTE_MS);
        const producer = near.producer();
        producer.send();
        await mesh.clock.advance(1_000);
        assert.equal(producer.replies.length, 1);
        await mesh.clock.advance(5 * MINUTE_MS);
        assert.equal(near.store.knows('svc'), true, 'after five minutes');
        mesh.kill(far, '10.0.0.2');
        await mesh.clock.advance(FORGOTTEN_AFTER_MS);
        assert.equal(near.store.knows('svc'), false, 'after its death');
        await mesh.close();
      });
    }
  }
});
