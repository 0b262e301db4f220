import assert from 'node:assert/strict';
import { MemoryDisk, MemoryJournal } from '../../src/journal/memory.js';
import type { JournalWrite } from '../../src/journal/port.js';
import { SystemClock } from '../../src/support/system-clock.js';
import { VirtualClock } from '../simulation/virtual-clock.js';
import { behavesAsJournal, hasCode, readAll } from './compliance.js';

const put = (id: string): JournalWrite => ({ put: 'message', id, value: id });

describe('MemoryJournal', () => {
  for (const [name, delays] of Object.entries({
    'at once': {},
    'with delays': { commitMs: 1, answerMs: 1 },
  })) {
    describe(name, () => {
      behavesAsJournal(async () => {
        const disk = new MemoryDisk();
        return {
          journal: () => new MemoryJournal({ disk, clock: new SystemClock(), ...delays }),
          close: async () => undefined,
        };
      });
    });
  }

  describe('in a simulation', () => {
    let disk: MemoryDisk;
    let clock: VirtualClock;
    let journal: MemoryJournal;
    /** What became of each write, by its id. */
    let outcomes: Map<string, string>;

    beforeEach(async () => {
      disk = new MemoryDisk();
      clock = new VirtualClock();
      journal = new MemoryJournal({ disk, clock, commitMs: 10, answerMs: 5 });
      outcomes = new Map();
      await journal.open();
    });

    function write(id: string): void {
      journal.write([put(id)]).then(
        () => outcomes.set(id, 'fulfilled'),
        (thrown: unknown) => outcomes.set(id, String(thrown)),
      );
    }

    /** What the next process on the disk finds. */
    async function kept(): Promise<string[]> {
      const next = new MemoryJournal({ disk, clock });
      await next.open();
      return (await readAll(next, 'message')).map(({ id }) => id);
    }

    it('takes the time that an access takes, one after the other', async () => {
      write('a');
      write('b');
      write('c');
      await clock.advance(14);
      assert.deepEqual([...outcomes], []);
      await clock.advance(1);
      assert.deepEqual([...outcomes.keys()], ['a']);
      await clock.advance(15);
      assert.deepEqual([...outcomes.keys()], ['a', 'b', 'c']);
    });

    it('loses in a crash what is not committed, and no call under way ever ends', async () => {
      write('a');
      await clock.advance(15);
      write('b');
      write('c');
      await clock.advance(9);
      journal.crash();
      await clock.advance(1_000);
      assert.deepEqual([...outcomes.keys()], ['a']);
      assert.deepEqual(await kept(), ['a']);
      await assert.rejects(journal.write([put('d')]), hasCode('CLOSED'));
    });

    it('keeps what was committed though nobody heard of it', async () => {
      write('a');
      await clock.advance(10);
      journal.crash();
      await clock.advance(1_000);
      assert.deepEqual([...outcomes], []);
      assert.deepEqual(await kept(), ['a']);
    });

    it('fails as often as it is told to, changing nothing, and goes well again', async () => {
      disk.failures = 1;
      write('a');
      await clock.advance(1);
      write('b');
      await clock.advance(100);
      assert.match(outcomes.get('a') ?? '', /disk is full/);
      assert.equal(outcomes.get('b'), 'fulfilled');
      journal.crash();
      assert.deepEqual(await kept(), ['b']);
    });

    it('leaves no timer behind', async () => {
      write('a');
      await clock.advance(100);
      await journal.close();
      assert.equal(clock.pending, 0);
    });
  });
});
