import assert from 'node:assert/strict';
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
});
