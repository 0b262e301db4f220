import assert from 'node:assert/strict';
import { Engine } from '../../src/engine/engine.js';
import { SILENT_LOG, type Log } from '../../src/support/log.js';
import { foreignSql, selectTexts } from './foreign-sql.js';
import { consumerRow, messageRow } from './sample-rows.js';

/** A log that keeps its errors for the test to look at. */
function errorLog(): Log & { readonly errors: string[] } {
  const errors: string[] = [];
  return { ...SILENT_LOG, errors, error: (text) => errors.push(text) };
}

const code = (expected: string) => (thrown: unknown) =>
  thrown instanceof Error && 'code' in thrown && thrown.code === expected;

describe('Table', () => {
  let engine: Engine;
  let log: ReturnType<typeof errorLog>;
  const ids = (): string[] => engine.messages.rows().map((row) => row.id);
  const fill = (...names: string[]): void => {
    names.forEach((id, sequence) => engine.messages.insert(messageRow({ id, sequence })));
  };

  beforeEach(() => {
    log = errorLog();
    engine = new Engine(log);
  });
  afterEach(() => {
    engine.close();
  });

  it('gives out the very row that SQL sees', () => {
    const inserted = engine.messages.insert(messageRow({ id: 'a' }));
    assert.equal(engine.messages.get('a'), inserted);
    engine.messages.update('a', (row) => {
      row.state = 'read';
    });
    assert.deepEqual(selectTexts(engine, 'state', 'inMessages'), ['read']);
  });

  it('keeps every other row when one is removed', () => {
    fill('a', 'b', 'c', 'd');
    assert.equal(engine.messages.remove('b')?.id, 'b');
    assert.equal(engine.messages.remove('b'), undefined);
    assert.deepEqual(ids(), ['a', 'c', 'd']);
    assert.deepEqual(selectTexts(engine, 'id', 'inMessages ORDER BY id'), ['a', 'c', 'd']);
    for (const id of ids()) assert.equal(engine.messages.get(id)?.id, id);
  });

  it('refuses a key that is taken and leaves the first row as it is', () => {
    engine.messages.insert(messageRow({ id: 'a', text: 'first' }));
    assert.throws(() => engine.messages.insert(messageRow({ id: 'a', text: 'second' })), code('BAD_REQUEST'));
    assert.equal(engine.messages.size, 1);
    assert.equal(engine.messages.get('a')?.text, 'first');
  });

  it('refuses a value that does not fit its column', () => {
    assert.throws(
      () => engine.messages.insert(messageRow({ id: 'a', priority: Number.NaN })),
      code('BAD_REQUEST'),
    );
    assert.equal(engine.messages.size, 0);
    assert.deepEqual(selectTexts(engine, 'id', 'inMessages'), []);
  });

  it('can be walked while rows come and go', () => {
    fill('a', 'b', 'c');
    for (const row of engine.messages.rows()) {
      engine.messages.remove(row);
      engine.messages.insert(messageRow({ id: `${row.id} again` }));
    }
    assert.deepEqual(ids(), ['a again', 'b again', 'c again']);
  });

  it('lists the newest rows first and says how many there are', () => {
    fill('a', 'b', 'c', 'd');
    engine.messages.remove('a');
    const listing = engine.query('messages', 2);
    assert.equal(listing.total, 3);
    assert.deepEqual(
      listing.rows.map((row) => row.id),
      ['d', 'c'],
    );
    for (const consumerId of ['x', 'y', 'z']) engine.consumers.insert(consumerRow({ consumerId }));
    assert.deepEqual(
      engine.query('consumers', 2).rows.map((row) => row.consumerId),
      ['z', 'y'],
    );
    assert.deepEqual(engine.query('replies', 2), { total: 0, rows: [] });
  });

  describe('handlers', () => {
    it('hear of each row, whoever inserts it', () => {
      const heard: string[] = [];
      engine.consumers.onInsert((row) => heard.push(row.consumerId));
      engine.consumers.insert(consumerRow({ consumerId: 'own' }));
      foreignSql(
        engine,
        'INSERT INTO localStoreConsumers (consumerId, service, inTransitLimit) VALUES (?, ?, ?)',
        ['foreign', 'echo', 1],
      );
      assert.deepEqual(heard, ['own', 'foreign']);
    });

    it('that throw are logged and harm neither the row nor the others', () => {
      const heard: string[] = [];
      engine.messages.onInsert(() => {
        throw new Error('broken handler');
      });
      engine.messages.onInsert((row) => heard.push(row.id));
      assert.equal(engine.messages.insert(messageRow({ id: 'a' })).id, 'a');
      assert.deepEqual(heard, ['a']);
      assert.equal(engine.messages.takeReady('echo', 0)?.id, 'a');
      assert.equal(log.errors.length, 1);
      assert.match(log.errors.join(), /broken handler/);
    });

    it('may insert rows without end of the stack', () => {
      const chain = 20_000;
      engine.messages.onInsert((row) => {
        if (row.sequence < chain)
          engine.messages.insert(messageRow({ id: `next ${row.sequence}`, sequence: row.sequence + 1 }));
      });
      fill('first');
      assert.equal(engine.messages.size, chain + 1);
      assert.deepEqual(log.errors, []);
    });

    it('may remove the row that they hear of', () => {
      engine.messages.onInsert((row) => engine.messages.remove(row));
      fill('a', 'b');
      assert.equal(engine.messages.size, 0);
      assert.equal(engine.messages.bytes, 0);
    });
  });

  describe('after foreign SQL', () => {
    const statements = {
      'DELETE with WHERE': ['DELETE FROM inMessages WHERE id = ?', ['b', 'c']],
      'DELETE without WHERE': ['DELETE FROM inMessages', []],
      TRUNCATE: ['TRUNCATE TABLE inMessages', []],
      UPDATE: ["UPDATE inMessages SET service = 'other' WHERE id = ?", ['a', 'b', 'c']],
    } as const;
    for (const [name, [sql, left]] of Object.entries(statements)) {
      it(`${name} is seen by every index`, () => {
        fill('a', 'b', 'c');
        foreignSql(engine, sql, ['a']);
        const { messages } = engine;
        assert.equal(messages.has('a'), name === 'UPDATE');
        assert.deepEqual(ids(), left);
        assert.equal(messages.readyCount('other'), name === 'UPDATE' ? 1 : 0);
        assert.equal(messages.bytes, left.length * messageRow({ id: '' }).byteLength);
      });
    }

    it('an INSERT of what was just deleted is the new row everywhere', () => {
      fill('a');
      foreignSql(engine, 'DELETE FROM inMessages');
      engine.messages.insert(messageRow({ id: 'a', text: 'new' }));
      assert.equal(engine.messages.size, 1);
      assert.equal(engine.messages.takeReady('echo', 0)?.text, 'new');
      assert.equal(engine.messages.readyCount('echo'), 0);
    });

    it('rows that came without a trigger are found, and wake their service', () => {
      const woken: string[] = [];
      engine.messages.onReady((service) => woken.push(service));
      fill('a');
      foreignSql(engine, 'SELECT * INTO inMessages FROM inMessages');
      foreignSql(engine, "UPDATE inMessages SET id = 'b' WHERE id = 'a'");
      assert.deepEqual(ids(), ['b'], 'the second of two equal rows is dropped');
      assert.ok(woken.length > 1);
      assert.match(log.errors.join(), /took out 1 rows/);
    });

    it('as many new rows in place of the old ones are seen, though no trigger told of them', () => {
      fill('a', 'b');
      const rows = ['c', 'd'].map((id) => messageRow({ id, byteLength: 100 }));
      foreignSql(engine, 'DELETE FROM inMessages');
      foreignSql(engine, 'SELECT * INTO inMessages FROM ?', [rows]);
      assert.equal(engine.messages.bytes, 200);
      assert.deepEqual(ids(), ['c', 'd']);
    });

    it('only then is anything computed anew: a rebuild would wake every service', () => {
      let woken = 0;
      fill('a', 'b', 'c', 'd', 'e');
      engine.messages.onReady(() => (woken += 1));
      for (const id of ['a', 'e', 'c']) engine.messages.remove(id);
      for (const id of ['b', 'd']) assert.ok(engine.messages.has(id));
      engine.messages.update('d', (row) => {
        row.state = 'read';
      });
      engine.messages.clear();
      assert.equal(engine.messages.size, 0);
      assert.equal(woken, 0);
    });

    it('a row that nothing can use is taken out and logged', () => {
      fill('a');
      foreignSql(engine, 'INSERT INTO inMessages VALUES ?', [['an', 'array']]);
      foreignSql(engine, "INSERT INTO inMessages (id) VALUES ('half a row')");
      assert.deepEqual(ids(), ['a']);
      assert.deepEqual(selectTexts(engine, 'id', 'inMessages'), ['a']);
      assert.match(log.errors.join(), /took out 2 rows/);
    });
  });
});
