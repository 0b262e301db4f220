import assert from 'node:assert/strict';
import type { Journal, JournalRecord, RecordKind } from '../../src/journal/port.js';
import { type ErrorCode, RedlinkError } from '../../src/support/errors.js';

/** Where journals of one store live one after the other, each as in a process of its own. */
export interface Place {
  /** A further journal on the same records, not yet open. */
  journal(): Journal;
  /** Ends what the test began. */
  close(): Promise<void>;
}

const KINDS: readonly RecordKind[] = ['message', 'mark', 'reply', 'keptReply'];

/** Ids whose order by UTF-8 differs from that of JavaScript's strings, and some that a careless key would mix up. */
const IDS_IN_ORDER = ['', '!format', '/', '0', '1:2', '1;', 'm:x', 'z', 'ä', '\uffee', '😀'];

export function hasCode(code: ErrorCode): (thrown: unknown) => boolean {
  return (thrown) => thrown instanceof RedlinkError && thrown.code === code;
}

export async function readAll(journal: Journal, kind: RecordKind): Promise<JournalRecord[]> {
  const found: JournalRecord[] = [];
  for await (const record of journal.read(kind)) found.push(record);
  return found;
}

/** What every journal must do that keeps anything. */
export function behavesAsJournal(create: () => Promise<Place>): void {
  let place: Place;
  let journal: Journal;

  beforeEach(async () => {
    place = await create();
    journal = place.journal();
    assert.deepEqual(await journal.open(), {});
  });

  afterEach(async () => {
    await journal.close();
    await place.close();
  });

  /** The journal as the next process finds it. */
  const reopened = async (): Promise<Journal> => {
    await journal.close();
    journal = place.journal();
    assert.deepEqual(await journal.open(), {});
    return journal;
  };

  it('finds nothing where nothing was written', async () => {
    for (const kind of KINDS) assert.deepEqual(await readAll(journal, kind), []);
  });

  it('gives back what was written, at once and after it was opened again', async () => {
    const value = JSON.stringify({ text: 'ü😀\u0000"\n'.repeat(1_000) });
    await journal.write([
      { put: 'message', id: 'a', value },
      { put: 'message', id: 'b', value: '' },
    ]);
    const expected = [
      { id: 'a', value },
      { id: 'b', value: '' },
    ];
    assert.deepEqual(await readAll(journal, 'message'), expected);
    assert.deepEqual(await readAll(await reopened(), 'message'), expected);
  });

  it('keeps kinds apart, whatever the ids are', async () => {
    for (const kind of KINDS) {
      await journal.write(IDS_IN_ORDER.map((id) => ({ put: kind, id, value: `${kind} ${id}` })));
    }
    await journal.write(IDS_IN_ORDER.map((id) => ({ remove: 'mark', id })));
    await reopened();
    for (const kind of KINDS) {
      const expected = kind === 'mark' ? [] : IDS_IN_ORDER.map((id) => ({ id, value: `${kind} ${id}` }));
      assert.deepEqual(await readAll(journal, kind), expected);
    }
  });

  it('gives records in the order of the UTF-8 bytes of their ids', async () => {
    for (const id of IDS_IN_ORDER.toReversed()) await journal.write([{ put: 'message', id, value: '1' }]);
    const found = await readAll(journal, 'message');
    assert.deepEqual(
      found.map(({ id }) => id),
      IDS_IN_ORDER,
    );
  });

  it('carries writes out in their order, within a call and over calls that overlap', async () => {
    const calls = Array.from({ length: 100 }, (_item, index) =>
      journal.write([
        { put: 'mark', id: 'same', value: 'overwritten' },
        { remove: 'mark', id: 'same' },
        { put: 'mark', id: 'same', value: String(index) },
      ]),
    );
    await Promise.all(calls);
    assert.deepEqual(await readAll(await reopened(), 'mark'), [{ id: 'same', value: '99' }]);
  });

  it('shows a reader the records of its first step', async () => {
    const writes = Array.from({ length: 3_000 }, (_item, index) => ({
      put: 'message' as const,
      id: String(index).padStart(4, '0'),
      value: 'before',
    }));
    await journal.write(writes);
    let seen = 0;
    for await (const { value } of journal.read('message')) {
      if (seen === 0) await journal.write(writes.map(({ id }) => ({ remove: 'message', id })));
      assert.equal(value, 'before');
      seen += 1;
    }
    assert.equal(seen, writes.length);
    assert.deepEqual(await readAll(journal, 'message'), []);
  });

  it('does not mind a reader who leaves in the middle', async () => {
    await journal.write([
      { put: 'message', id: '1', value: '1' },
      { put: 'message', id: '2', value: '2' },
    ]);
    for await (const { id } of journal.read('message')) {
      assert.equal(id, '1');
      break;
    }
    assert.equal((await readAll(await reopened(), 'message')).length, 2);
  });

  it('takes a call of any size as a whole', async () => {
    const writes = Array.from({ length: 5_000 }, (_item, index) => ({
      put: 'reply' as const,
      id: String(index),
      value: 'x'.repeat(1_000),
    }));
    await journal.write(writes);
    assert.equal((await readAll(await reopened(), 'reply')).length, writes.length);
  });

  it('takes an empty call, and the removal of what is not there', async () => {
    await journal.write([]);
    await journal.write([{ remove: 'message', id: 'never heard of' }]);
    assert.deepEqual(await readAll(journal, 'message'), []);
  });

  it('ends what is under way before it closes', async () => {
    const calls = Array.from({ length: 500 }, (_item, index) =>
      journal.write([{ put: 'message', id: String(index), value: '1' }]),
    );
    const closed = journal.close();
    await Promise.all(calls);
    await closed;
    assert.equal((await readAll(await reopened(), 'message')).length, calls.length);
  });

  it('takes and gives nothing before it is open and after it is closed; closing again does no harm', async () => {
    const unopened = place.journal();
    await journal.close();
    await journal.close();
    for (const closed of [unopened, journal]) {
      await assert.rejects(closed.write([{ put: 'mark', id: '1', value: '1' }]), hasCode('CLOSED'));
      await assert.rejects(readAll(closed, 'mark'), hasCode('CLOSED'));
    }
  });

  it('is open to one at a time', async () => {
    const second = place.journal();
    await assert.rejects(second.open(), hasCode('JOURNAL_LOCKED'));
    await journal.write([{ put: 'mark', id: '1', value: 'first' }]);
    await journal.close();
    await second.open();
    assert.deepEqual(await readAll(second, 'mark'), [{ id: '1', value: 'first' }]);
    await second.close();
  });
}
