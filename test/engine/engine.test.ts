import assert from 'node:assert/strict';
import { Engine } from '../../src/engine/engine.js';
import { alasqlGlobals, foreignSql } from './foreign-sql.js';
import { consumerRow, messageRow, notifyRow, replyRow, routeRow } from './sample-rows.js';

/** Texts that become code or SQL wherever somebody pastes them into either (DEFECTS 29). */
const HOSTILE = [
  `'; DELETE FROM inMessages; --`,
  `x' OR '1'='1`,
  '``` globalThis.hacked = true ```',
  '`;globalThis.hacked=true;//',
  `');globalThis.hacked=true;//`,
  '"+(globalThis.hacked=true)+"',
  '${globalThis.hacked=true}',
  '\\\'";\u2028\u2029\u0000?@?[]{}',
  '__proto__',
  'constructor',
];

describe('Engine', () => {
  it('leaves nothing in AlaSQL when it is closed', () => {
    const before = alasqlGlobals();
    const engines = [new Engine(), new Engine(), new Engine()];
    engines.forEach((engine) => engine.messages.insert(messageRow({ id: 'a' })));
    assert.notDeepEqual(alasqlGlobals(), before);
    for (const engine of engines) engine.close();
    assert.deepEqual(alasqlGlobals(), before);
  });

  it('refuses rows after it was closed', () => {
    const engine = new Engine();
    engine.messages.insert(messageRow({ id: 'a' }));
    engine.close();
    assert.equal(engine.messages.size, 0);
    assert.throws(() => engine.messages.insert(messageRow({ id: 'b' })), { code: 'CLOSED' });
  });

  it('shares nothing with another engine', () => {
    const [one, other] = [new Engine(), new Engine()];
    one.messages.insert(messageRow({ id: 'a' }));
    assert.equal(other.messages.size, 0);
    other.close();
    assert.equal(one.messages.takeReady('echo', 0)?.id, 'a');
    one.close();
  });

  it('keeps the table names of redlink 3.0.5', () => {
    const engine = new Engine();
    engine.store.insert({ storeName: 'mesh0:store', storeHost: 'localhost', storePort: '2000' });
    const counts = [
      'inMessages',
      'notify',
      'replyMessages',
      'localStoreConsumers',
      'globalStoreConsumers',
      'stores',
    ].map((table) => foreignSql(engine, `SELECT VALUE COUNT(*) FROM ${table}`));
    assert.deepEqual(counts, [0, 0, 0, 0, 0, 1]);
    engine.close();
  });

  it('clears all tables and what is derived from them', () => {
    const engine = new Engine();
    engine.messages.insert(messageRow({ id: 'a' }));
    engine.notifies.insert(notifyRow({ messageId: 'a' }));
    engine.replies.insert(replyRow({ messageId: 'a' }));
    engine.clear();
    assert.deepEqual([engine.messages.size, engine.notifies.size, engine.replies.size], [0, 0, 0]);
    assert.deepEqual([engine.messages.bytes, engine.replies.bytes], [0, 0]);
    assert.deepEqual(engine.messages.readyServices(), []);
    assert.equal(engine.notifies.outstanding('consumer'), 0);
    assert.equal(engine.replies.waitingCount('producer'), 0);
    engine.close();
  });

  for (const text of HOSTILE) {
    it(`keeps ${JSON.stringify(text)} as data in every text column (DEFECTS 29)`, () => {
      const engine = new Engine();
      const { messages, notifies, replies, consumers, routes, store } = engine;
      const stay = (before: object, after: object | undefined): void => {
        assert.deepEqual({ ...after }, before);
      };
      const message = hostile(messageRow({ id: 'a' }), text, ['state']);
      stay(message, messages.insert(message));
      stay({ ...message, state: 'offering' }, messages.takeReady(text, 0));
      assert.equal(messages.assignedTo(text, text).length, 1);
      const notify = hostile(notifyRow({ messageId: 'a' }), text, ['state']);
      stay(notify, notifies.insert(notify));
      stay(notify, notifies.firstWaiting(text));
      const reply = hostile(replyRow({ messageId: 'a' }), text, []);
      stay(reply, replies.insert(reply));
      stay(reply, replies.firstWaiting(text));
      const consumer = hostile(consumerRow({ consumerId: 'a' }), text, []);
      stay(consumer, consumers.insert(consumer));
      stay(consumer, consumers.ofService(text)[0]);
      const route = hostile(routeRow({ consumerId: 'a' }), text, ['direction']);
      stay(route, routes.insert(route));
      stay(route, routes.find(text, text, text));
      store.insert({ storeName: text, storeHost: text, storePort: text });
      assert.equal(store.remove(text)?.storeHost, text);
      assert.ok(!('hacked' in globalThis));
      assert.equal(messages.size, 1);
      engine.close();
    });
  }
});

/** The row with every text replaced, but those of columns that allow a few texts only. */
function hostile<Row extends object>(row: Row, text: string, spare: readonly string[]): Row {
  const changed = { ...row };
  for (const [column, value] of Object.entries(row)) {
    if (typeof value === 'string' && !spare.includes(column)) Object.assign(changed, { [column]: text });
  }
  return changed;
}
