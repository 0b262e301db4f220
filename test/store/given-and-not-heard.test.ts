import assert from 'node:assert/strict';
import { MemoryDisk, MemoryJournal } from '../../src/journal/memory.js';
import { NoJournal } from '../../src/journal/none.js';
import type { Journal } from '../../src/journal/port.js';
import type { Hearers } from '../../src/producer/producer.js';
import type { Clock } from '../../src/support/clock.js';
import { type CoreProducer, CoreMesh, type CoreStore } from '../support/core-mesh.js';

const [HERE, THERE] = ['10.0.0.1', '10.0.0.2'];

/** Longer than a reply takes that is sent again. */
const A_WHILE_MS = 5_000;

/**
 * Node-RED brings what a node sends to the next one a turn of the event loop later. A deploy that ends the flow
 * between the two drops it.
 */
describe('what a producer gives to a flow that ends in that moment', () => {
  for (const [kept, journalOf] of [
    ['in a journal', (clock: Clock, disk: MemoryDisk) => new MemoryJournal({ disk, clock })],
    ['in memory', () => new NoJournal()],
  ] as const satisfies readonly [string, (clock: Clock, disk: MemoryDisk) => Journal][]) {
    describe(`with messages ${kept}`, () => {
      let mesh: CoreMesh;
      let near: CoreStore;

      beforeEach(async () => {
        mesh = new CoreMesh();
        const disk = new MemoryDisk();
        near = await mesh.store(HERE, [THERE], {}, { journal: (clock) => journalOf(clock, disk) });
      });
      afterEach(() => mesh.close());

      /** A producer that leaves as soon as its flow is given anything, and its successor. */
      async function replaced(
        lifetimeMs: number,
        hearers: Hearers = 'none',
      ): Promise<{ first: CoreProducer; second: CoreProducer }> {
        const first = near.producer({ lifetimeMs }, () => {
          first.producer.detach(hearers);
        });
        first.send();
        first.send();
        await mesh.clock.advance(A_WHILE_MS);
        const second = near.producer({ lifetimeMs });
        await mesh.clock.advance(A_WHILE_MS);
        return { first, second };
      }

      it('is given to its successor where it is a reply', async () => {
        const far = await mesh.store(THERE);
        const { received } = far.consumer();
        await mesh.clock.advance(1_000);
        const { first, second } = await replaced(60_000);
        assert.equal(first.replies.length, 1);
        assert.equal(second.replies.length, 2);
        assert.equal(received.length, 2, 'nobody works twice');
        assert.equal(near.store.engine.messages.size, 0);
        assert.equal(near.store.engine.replies.size, 0);
      });

      for (const [hearers, what, repeats] of [
        ['all', 'is not given again where the next nodes of the flow go on', [false]],
        ['some', 'is given again where one of the next nodes goes on, and says so', [true, false]],
      ] as const) {
        it(what, async () => {
          const far = await mesh.store(THERE);
          far.consumer();
          await mesh.clock.advance(1_000);
          const { first, second } = await replaced(60_000, hearers);
          assert.equal(first.replies.length, 1);
          assert.deepEqual(
            second.replies.map(({ messageId, mayRepeat }) => [messageId, mayRepeat]).sort(),
            [first.replies[0]?.messageId, 'm2'].slice(-repeats.length).map((id, at) => [id, repeats[at]]),
          );
          assert.equal(near.store.engine.messages.size, 0);
          assert.equal(near.store.engine.replies.size, 0);
        });
      }

      it('is given to its successor where it is a failure', async () => {
        const { first, second } = await replaced(1_000);
        assert.equal(first.failures.length, 1);
        assert.deepEqual(
          second.failures.map(({ code }) => code),
          ['TIMED_OUT', 'TIMED_OUT'],
        );
        assert.equal(near.store.engine.messages.size, 0);
      });
    });
  }
});
