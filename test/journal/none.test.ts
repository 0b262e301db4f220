import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NoJournal } from '../../src/journal/none.js';
import { readAll } from './compliance.js';

describe('NoJournal', () => {
  it('takes every write at once and gives nothing back', async () => {
    const journal = new NoJournal();
    assert.equal(journal.level, 'memory');
    assert.deepEqual(await journal.open(), {});
    await journal.write();
    assert.deepEqual(await readAll(journal, 'message'), []);
    await journal.close();
    await journal.close();
  });

  it('says what the store has kept at another level, and makes nothing on the disk itself', async () => {
    const own = await mkdtemp(join(tmpdir(), 'redlink-none-'));
    const folder = join(own, 'journal');
    try {
      assert.deepEqual(await new NoJournal(folder).open(), {});
      assert.deepEqual(await new NoJournal(join(own, 'nowhere', 'journal')).open(), {});
      assert.deepEqual(await readdir(own), []);
      // A database that could never be opened has left an empty folder.
      await mkdir(folder);
      assert.deepEqual(await new NoJournal(folder).open(), {});
      await writeFile(join(folder, 'CURRENT'), 'MANIFEST-000001');
      await mkdir(`${folder}.set-aside-2030-01-01`);
      assert.deepEqual(await new NoJournal(folder).open(), { liesAside: true });
      await rm(folder, { recursive: true });
      assert.deepEqual(await new NoJournal(folder).open(), { liesAside: true });
    } finally {
      await rm(own, { recursive: true });
    }
  });
});
