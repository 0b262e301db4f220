import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Engine } from '../../src/engine/engine.js';
import type { MessageRow, NotifyRow } from '../../src/engine/rows.js';
import { foreignSql, selectNumber, selectTexts } from './foreign-sql.js';
import { messageRow, notifyRow } from './sample-rows.js';

const SERVICES = ['echo', "o'clock", '```return 1```'];
const CONSUMERS = ['consumer', '"; DROP TABLE notify'];
const PRIORITIES = [0, 9, -3];
const MESSAGE_STATES: readonly MessageRow['state'][] = ['queued', 'offering', 'assigned', 'read', 'replied'];
const NOTIFY_STATES: readonly NotifyRow['state'][] = ['waiting', 'reading', 'read', 'replying'];

/** An engine under test and the number of the newest row. */
class World {
  newest = 0;

  constructor(readonly engine: Engine) {}

  /** The id of some row, at times of one that is gone. */
  id(pick: number): string {
    return `id ${1 + (pick % Math.max(1, this.newest))}`;
  }

  message(value: number): MessageRow {
    this.newest += 1;
    return messageRow({
      id: `id ${this.newest}`,
      sequence: this.newest,
      service: at(SERVICES, value),
      priority: at(PRIORITIES, value >> 2),
      byteLength: value,
    });
  }

  notify(value: number): NotifyRow {
    this.newest += 1;
    return notifyRow({
      messageId: `id ${this.newest}`,
      sequence: this.newest,
      consumerId: at(CONSUMERS, value),
      sendOnly: value % 3 === 0,
    });
  }
}

/** What can happen; `pick` chooses the row, `value` what becomes of it. */
type Action = (world: World, pick: number, value: number) => unknown;

const MESSAGE_ACTIONS: Readonly<Record<string, Action>> = {
  insert: (world, _pick, value) => world.engine.messages.insert(world.message(value)),
  take: ({ engine }, _pick, value) => engine.messages.takeReady(at(SERVICES, value), value),
  assign: (world, pick, value) =>
    world.engine.messages.assign(world.id(pick), {
      consumerId: at(CONSUMERS, value),
      consumerStore: 'mesh0:store',
      via: 'local',
      notifiedEpochMs: value,
      token: `token ${value}`,
    }),
  requeue: (world, pick) => world.engine.messages.requeue(world.id(pick)),
  update: (world, pick, value) =>
    world.engine.messages.update(world.id(pick), (row) => {
      row.state = at(MESSAGE_STATES, value);
    }),
  remove: (world, pick) => world.engine.messages.remove(world.id(pick)),
  'foreign INSERT': (world, _pick, value) => foreignInsert(world, 'inMessages', world.message(value)),
  'foreign INSERT of a key that is taken': (world, pick, value) =>
    foreignInsert(world, 'inMessages', { ...world.message(value), id: world.id(pick) }),
  'foreign INSERT of half a row': ({ engine }) =>
    foreignSql(engine, "INSERT INTO inMessages (id) VALUES ('half')"),
  'foreign UPDATE of the state': (world, pick, value) =>
    foreignSql(world.engine, 'UPDATE inMessages SET state = ? WHERE id = ?', [
      at(MESSAGE_STATES, value),
      world.id(pick),
    ]),
  'foreign UPDATE of the order': (world, pick, value) =>
    foreignSql(world.engine, 'UPDATE inMessages SET priority = ?, service = ? WHERE id = ?', [
      at(PRIORITIES, value),
      at(SERVICES, value >> 2),
      world.id(pick),
    ]),
  'foreign DELETE': (world, pick) =>
    foreignSql(world.engine, 'DELETE FROM inMessages WHERE id = ?', [world.id(pick)]),
  'foreign DELETE of a service': ({ engine }, _pick, value) =>
    foreignSql(engine, 'DELETE FROM inMessages WHERE service = ?', [at(SERVICES, value)]),
  'foreign DELETE of all': ({ engine }) => foreignSql(engine, 'DELETE FROM inMessages'),
  'foreign SELECT INTO': ({ engine }, _pick, value) =>
    foreignSql(engine, `SELECT * INTO inMessages FROM inMessages WHERE priority = ?`, [
      at(PRIORITIES, value),
    ]),
  rebuild: ({ engine }) => {
    engine.messages.rebuild();
  },
};

const NOTIFY_ACTIONS: Readonly<Record<string, Action>> = {
  insert: (world, _pick, value) => world.engine.notifies.insert(world.notify(value)),
  setState: (world, pick, value) => world.engine.notifies.setState(world.id(pick), at(NOTIFY_STATES, value)),
  remove: (world, pick) => world.engine.notifies.remove(world.id(pick)),
  'foreign INSERT': (world, _pick, value) => foreignInsert(world, 'notify', world.notify(value)),
  'foreign UPDATE': (world, pick, value) =>
    foreignSql(world.engine, 'UPDATE notify SET consumerId = ? WHERE messageId = ?', [
      at(CONSUMERS, value),
      world.id(pick),
    ]),
  'foreign DELETE': (world, pick) =>
    foreignSql(world.engine, 'DELETE FROM notify WHERE messageId = ?', [world.id(pick)]),
  'foreign DELETE of all': ({ engine }) => foreignSql(engine, 'DELETE FROM notify'),
};

describe('Indexes over random histories', () => {
  it('of messages agree with plain SQL after each step, foreign SQL included', () => {
    play(MESSAGE_ACTIONS, checkMessages, drainMessages);
  });

  it('of notifies agree with plain SQL after each step, foreign SQL included', () => {
    play(NOTIFY_ACTIONS, checkNotifies, () => undefined);
  });
});

/** Runs random histories, checking after each step; a failing one is printed with its seed by fast-check. */
function play(
  actions: Readonly<Record<string, Action>>,
  check: (engine: Engine) => void,
  finish: (engine: Engine) => void,
): void {
  const names = Object.keys(actions);
  // Every other step is a plain insert: else the histories hover around an empty table.
  const action = fc.oneof(fc.constant('insert'), fc.constantFrom(...names));
  const step = fc.record({ action, pick: fc.nat(200), value: fc.nat(50), look: fc.boolean() });
  // One engine for all histories: making one takes longer than playing one.
  const engine = new Engine();
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      engine.clear();
      const world = new World(engine);
      for (const { action: name, pick, value, look } of steps) {
        actions[name]?.(world, pick, value);
        // Not looking leaves traces of several statements to be sorted out at once.
        if (look) check(engine);
      }
      check(engine);
      finish(engine);
    }),
  );
  engine.close();
}

function checkMessages(engine: Engine): void {
  const { messages } = engine;
  // The engine looks first: what SQL shows after that is what the engine has left there.
  const ids = messages.rows().map((row) => row.id);
  assert.deepEqual(sorted(ids), sorted(selectTexts(engine, 'id', 'inMessages')));
  assert.equal(messages.size, ids.length);
  assert.equal(messages.bytes, selectNumber(engine, 'SUM(byteLength)', 'inMessages'));
  for (const id of ids) assert.equal(messages.get(id)?.id, id);
  assert.deepEqual(
    sorted(messages.readyServices()),
    sorted(selectTexts(engine, 'service', "inMessages WHERE state = 'queued' GROUP BY service")),
  );
  for (const service of SERVICES) {
    const ready = readyBySql(engine, service);
    assert.equal(messages.readyCount(service), ready.length);
    assert.equal(messages.peekReady(service)?.id, ready[0]);
  }
  for (const consumer of CONSUMERS) {
    assert.deepEqual(
      sorted(messages.assignedTo('mesh0:store', consumer).map((row) => row.id)),
      sorted(selectTexts(engine, 'id', 'inMessages WHERE consumerId = ?', [consumer])),
    );
  }
  assert.equal(
    messages.assignedVia('local').length,
    selectTexts(engine, 'id', "inMessages WHERE via = 'local'").length,
  );
}

/** Takes everything that is ready: the whole order must be that of ORDER BY. */
function drainMessages(engine: Engine): void {
  for (const service of SERVICES) {
    for (const id of readyBySql(engine, service)) assert.equal(engine.messages.takeReady(service, 0)?.id, id);
    assert.equal(engine.messages.takeReady(service, 0), undefined);
  }
}

function readyBySql(engine: Engine, service: string): string[] {
  const rest = "inMessages WHERE state = 'queued' AND service = ? ORDER BY priority DESC, sequence";
  return selectTexts(engine, 'id', rest, [service]);
}

function checkNotifies(engine: Engine): void {
  const { notifies } = engine;
  assert.deepEqual(
    sorted(notifies.rows().map((row) => row.messageId)),
    sorted(selectTexts(engine, 'messageId', 'notify')),
  );
  for (const consumer of CONSUMERS) {
    const count = (condition: string): number =>
      selectTexts(engine, 'messageId', `notify WHERE consumerId = ? AND ${condition}`, [consumer]).length;
    const waiting = selectTexts(
      engine,
      'messageId',
      "notify WHERE consumerId = ? AND state = 'waiting' ORDER BY sequence",
      [consumer],
    );
    assert.deepEqual(
      notifies.waiting(consumer).map((row) => row.messageId),
      waiting,
    );
    assert.equal(notifies.firstWaiting(consumer)?.messageId, waiting[0]);
    assert.equal(notifies.waitingCount(consumer), waiting.length);
    assert.equal(notifies.ofConsumer(consumer).length, count('TRUE'));
    assert.equal(
      notifies.outstanding(consumer),
      count("(state = 'waiting' OR state = 'reading' OR (state = 'read' AND sendOnly = FALSE))"),
    );
  }
}

/** Inserts a whole row as somebody else would, its values bound to parameters. */
function foreignInsert(world: World, table: string, row: object): unknown {
  const columns = Object.keys(row).map((column) => `\`${column}\``);
  const places = columns.map(() => '?').join(', ');
  return foreignSql(
    world.engine,
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places})`,
    Object.values(row),
  );
}

function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index % items.length];
  if (item === undefined) throw new RangeError('An empty list has no items');
  return item;
}

function sorted(texts: readonly string[]): string[] {
  return [...texts].sort();
}
