import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { LevelJournal, type LevelJournalOptions } from '../../src/journal/level.js';
import type { JournalWrite } from '../../src/journal/port.js';
import { type Log, SILENT_LOG } from '../../src/support/log.js';
import { SystemClock } from '../../src/support/system-clock.js';
import { ManualClock } from '../support/manual-clock.js';
import { behavesAsJournal, hasCode, readAll } from './compliance.js';
import { Sabotage, sabotaged } from './sabotaged-level.js';

const put = (id: string, value = id): JournalWrite => ({ put: 'message', id, value });

describe('LevelJournal', () => {
  let base: string;
  let folder: string;
  let clock: ManualClock;
  let errors: string[];
  let sabotage: Sabotage;

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'redlink-journal-'));
    folder = join(base, 'not', 'there', 'yet');
    clock = new ManualClock();
    errors = [];
    sabotage = new Sabotage();
  });

  afterEach(() => rm(base, { recursive: true, force: true }));

  for (const level of ['crash-safe', 'power-safe'] as const) {
    describe(level, () => {
      behavesAsJournal(async () => ({
        journal: () => new LevelJournal({ folder, level, clock: new SystemClock(), log: SILENT_LOG }),
        close: async () => undefined,
      }));
    });
  }

  function journal(options: Partial<LevelJournalOptions> = {}): LevelJournal {
    const log: Log = { ...SILENT_LOG, error: (text) => void errors.push(text) };
    return new LevelJournal({
      folder,
      level: 'crash-safe',
      clock,
      log,
      load: sabotaged(sabotage),
      ...options,
    });
  }

  async function opened(options: Partial<LevelJournalOptions> = {}): Promise<LevelJournal> {
    const subject = journal(options);
    await subject.open();
    sabotage.synced.length = 0;
    sabotage.sizes.length = 0;
    return subject;
  }

  /** Ids of all messages that the next process finds. */
  async function kept(): Promise<string[]> {
    const next = journal();
    assert.deepEqual(await next.open(), {});
    const found = await readAll(next, 'message');
    await next.close();
    return found.map(({ id, value }) => `${id}=${value}`);
  }

  /** Lets work that a timer set going come to its end: the journal takes calls in turn. */
  const settled = (subject: LevelJournal): Promise<void> =>
    subject.write([{ remove: 'mark', id: 'never heard of' }]);

  describe('at its start', () => {
    const started = async (): Promise<LevelJournal> => {
      const before = await opened();
      await before.write([put('a'), put('b'), { put: 'mark', id: 'a', value: 'read' }]);
      await before.close();
      const subject = await opened();
      sabotage.readings = 0;
      return subject;
    };
    const idsOf = async (subject: LevelJournal): Promise<string[]> =>
      (await readAll(subject, 'message')).map(({ id }) => id);

    it('gives what it has checked without reading it again, once', async () => {
      const subject = await started();
      assert.deepEqual(await idsOf(subject), ['a', 'b']);
      assert.deepEqual(await readAll(subject, 'mark'), [{ id: 'a', value: 'read' }]);
      assert.equal(sabotage.readings, 0);
      assert.deepEqual(await idsOf(subject), ['a', 'b']);
      assert.equal(sabotage.readings, 1);
      await subject.close();
    });

    it('gives what is there where something was written since', async () => {
      const subject = await started();
      await subject.write([put('c'), { remove: 'message', id: 'a' }]);
      assert.deepEqual(await idsOf(subject), ['b', 'c']);
      await subject.close();
    });
  });

  describe('and the disk itself', () => {
    it('sends each write there at the level power-safe, without a timer', async () => {
      const subject = await opened({ level: 'power-safe' });
      await subject.write([put('a')]);
      await subject.write([put('b')]);
      assert.deepEqual(sabotage.synced, [true, true]);
      assert.equal(clock.timers, 0);
      await subject.close();
    });

    it('sends all there once a second at the level crash-safe, while there are writes', async () => {
      const subject = await opened();
      await subject.write([put('a')]);
      clock.advance(999);
      await subject.write([put('b')]);
      assert.deepEqual(sabotage.synced, [false, false]);
      clock.advance(1);
      await settled(subject);
      assert.deepEqual(sabotage.synced.slice(0, 3), [false, false, true]);
      clock.advance(1_000);
      await settled(subject);
      clock.advance(1_000);
      await settled(subject);
      await subject.close();
      assert.equal(clock.timers, 0);
    });

    it('leaves the disk alone while nothing is written', async () => {
      const subject = await opened();
      await subject.write([put('a')]);
      clock.advance(1_000);
      await subject.close();
      const next = await opened();
      assert.equal(clock.timers, 0);
      await next.close();
      assert.deepEqual(sabotage.synced, []);
    });

    it('sends all there when it is closed', async () => {
      const subject = await opened();
      await subject.write([put('a')]);
      await subject.close();
      assert.deepEqual(sabotage.synced, [false, true]);
      assert.equal(clock.timers, 0);
    });
  });

  describe('with many callers', () => {
    it('lets a lone write go at once, and those that come meanwhile together', async () => {
      const subject = await opened({ level: 'power-safe' });
      await Promise.all(Array.from({ length: 64 }, (_item, index) => subject.write([put(String(index))])));
      assert.deepEqual(sabotage.sizes, [1, 63]);
      await subject.close();
    });

    it('bounds what goes together, by number and by size', async () => {
      const subject = await opened({ level: 'power-safe' });
      const many = Array.from({ length: 5_000 }, (_item, index) => subject.write([put(String(index))]));
      const large = Array.from({ length: 10 }, (_item, index) =>
        subject.write([put(`large${String(index)}`, 'x'.repeat(400_000))]),
      );
      await Promise.all([...many, ...large]);
      assert.ok(Math.max(...sabotage.sizes) <= 1_024, String(sabotage.sizes));
      assert.deepEqual(sabotage.sizes.slice(-4), [2, 2, 2, 2]);
      await subject.close();
    });
  });

  describe('on a disk that fails', () => {
    for (const landsLater of [false, true]) {
      const ending = landsLater ? ', even where it gets to the disk later' : '';

      it(`says so, keeps nothing of the write${ending}, and takes the next`, async () => {
        const subject = await opened();
        await subject.write([put('a'), put('b')]);
        sabotage.failures = 1;
        sabotage.landsLater = landsLater;
        const failing = subject.write([put('a', 'changed'), { remove: 'message', id: 'b' }, put('c')]);
        await assert.rejects(failing, (thrown) => {
          assert.ok(hasCode('JOURNAL_IO')(thrown));
          assert.match(String(thrown), /could not be written: the disk is full/);
          return true;
        });
        await subject.write([put('d')]);
        assert.deepEqual(
          (await readAll(subject, 'message')).map(({ value }) => value),
          ['a', 'b', 'd'],
        );
        await subject.close();
        assert.deepEqual(await kept(), ['a=a', 'b=b', 'd=d']);
      });

      it(`keeps nothing of the write${ending}, where it is closed next`, async () => {
        const subject = await opened({ level: 'power-safe' });
        await subject.write([put('a')]);
        sabotage.failures = 1;
        sabotage.landsLater = landsLater;
        await assert.rejects(subject.write([put('b')]), hasCode('JOURNAL_IO'));
        await subject.close();
        assert.deepEqual(await kept(), ['a=a']);
      });
    }

    it('tries again with each write until one goes well', async () => {
      const subject = await opened();
      await subject.write([put('a')]);
      sabotage.failures = 1;
      sabotage.landsLater = true;
      await assert.rejects(subject.write([put('b')]), hasCode('JOURNAL_IO'));
      // It cannot be opened again, and then what the failed write left cannot be undone.
      sabotage.unopenable = true;
      await assert.rejects(subject.write([put('c')]), hasCode('JOURNAL_IO'));
      await assert.rejects(subject.write([put('d')]), hasCode('JOURNAL_IO'));
      sabotage.unopenable = false;
      sabotage.failures = 2;
      await assert.rejects(subject.write([put('e')]), hasCode('JOURNAL_IO'));
      await assert.rejects(subject.write([put('f')]), hasCode('JOURNAL_IO'));
      await subject.write([put('g')]);
      await subject.close();
      assert.deepEqual(await kept(), ['a=a', 'g=g']);
    });

    it('fails all calls that went together, and no others', async () => {
      const subject = await opened();
      sabotage.failures = 1;
      const [first, second, third] = [
        subject.write([put('a')]),
        subject.write([put('b')]),
        subject.write([put('c')]),
      ];
      await assert.rejects(first, hasCode('JOURNAL_IO'));
      await Promise.all([second, third]);
      await subject.close();
      assert.deepEqual(await kept(), ['b=b', 'c=c']);
    });

    it('tells the log once while it cannot flush, goes on trying, and gets over it by itself', async () => {
      const subject = await opened();
      await subject.write([put('a')]);
      sabotage.unopenable = true;
      sabotage.failures = 1;
      for (let second = 0; second < 3; second++) {
        clock.advance(1_000);
        await assert.rejects(settled(subject), hasCode('JOURNAL_IO'));
      }
      sabotage.unopenable = false;
      assert.equal(errors.length, 1);
      assert.match(errors[0] ?? '', /the disk is full/);
      await settled(subject);
      assert.deepEqual(await readAll(subject, 'message'), [{ id: 'a', value: 'a' }]);
      await subject.close();
      assert.equal(errors.length, 1);
      assert.equal(clock.timers, 0);
    });

    it('closes even so, and says so in the log', async () => {
      const subject = await opened();
      await subject.write([put('a')]);
      sabotage.failures = 1;
      sabotage.unopenable = true;
      await subject.close();
      assert.equal(errors.length, 1);
      assert.equal(clock.timers, 0);
      await assert.rejects(subject.write([put('b')]), hasCode('CLOSED'));
    });

    it('can be opened when the disk is well again', async () => {
      const subject = journal();
      sabotage.unopenable = true;
      await assert.rejects(subject.open(), hasCode('JOURNAL_IO'));
      sabotage.unopenable = false;
      sabotage.failures = 1;
      await assert.rejects(subject.open(), hasCode('JOURNAL_IO'));
      assert.deepEqual(await subject.open(), {});
      await subject.write([put('a')]);
      await subject.close();
      assert.deepEqual(await kept(), ['a=a']);
    });
  });

  it('leaves alone what another has open, however it looks', async () => {
    const holder = await opened();
    await rm(join(folder, 'CURRENT'));
    await assert.rejects(journal().open(), hasCode('JOURNAL_LOCKED'));
    assert.deepEqual(await readdir(dirname(folder)), [basename(folder)]);
    await holder.close();
  });

  it('says what is wrong where its folder cannot be made', async () => {
    await writeFile(join(base, 'not'), 'a file in the way');
    await assert.rejects(journal().open(), hasCode('JOURNAL_IO'));
  });

  it('is unavailable where its database cannot be loaded, and touches no file of it', async () => {
    const load = async (): Promise<never> => {
      throw new Error('No native build was found for platform=plan9');
    };
    await assert.rejects(journal({ load }).open(), (thrown) => {
      assert.ok(hasCode('JOURNAL_UNAVAILABLE')(thrown));
      assert.match(String(thrown), /No native build was found for platform=plan9/);
      return true;
    });
    assert.deepEqual(await readdir(folder), []);
  });

  it('makes its folder for its own user alone', async () => {
    await (await opened()).close();
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
  });

  it('puts nothing of a message into the name of a file', async () => {
    const subject = await opened();
    await subject.write([put('../../secret-id', 'secret value')]);
    await subject.close();
    for (const name of await readdir(base, { recursive: true })) assert.doesNotMatch(name, /secret/);
  });
});
