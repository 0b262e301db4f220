import { agesOf } from '../../src/store/message-views.js';
import { viewRoute } from '../../src/store/route-views.js';
import type { Store } from '../../src/store/store.js';
import type { Clock } from '../../src/support/clock.js';
import {
  consumerColumns,
  messageColumns,
  notifyColumns,
  replyColumns,
  storeColumns,
  viewedRouteColumns,
  type Columns,
} from './columns.js';

/** Most rows of one list: a full store can still be looked at (NODES.md). */
const MAX_LISTED = 1_000;

const HELP =
  'msg.topic can be listServices listRegistrations listStore flushStore: the services that the store sees, ' +
  'the consumers and peers that it knows, the messages in it; flushStore empties it';

/** Answers a command by `msg.topic` (NODES.md, "`redlink store`", Input). */
export function runCommand(store: Store, topic: unknown, clock: Clock): Record<string, unknown> {
  switch (topic) {
    case 'listServices':
      return { services: [...store.services()] };
    case 'listRegistrations':
      return listRegistrations(store, clock);
    case 'listStore':
      return listStore(store, clock);
    case 'flushStore':
      store.flush();
      return listStore(store, clock);
    default:
      return { help: HELP };
  }
}

function listRegistrations(store: Store, clock: Clock): Record<string, unknown> {
  const { name, engine } = store;
  const localConsumers = list(engine.query('consumers', MAX_LISTED), (row) => consumerColumns(name, row));
  const globalConsumers = list(engine.query('routes', MAX_LISTED), (row) =>
    viewedRouteColumns(name, row, viewRoute(row, clock)),
  );
  return withTotals(
    {
      localConsumers: localConsumers.rows,
      globalConsumers: globalConsumers.rows,
      store: storeRows(store),
      peers: {
        northPeers: store.northPeers().map(({ address, redistribute }) => ({
          ip: address.host,
          port: address.port,
          redistribute: String(redistribute),
        })),
        southPeers: store.southPeers().map(({ host, port }) => `${host}:${port}`),
      },
    },
    { localConsumers, globalConsumers },
  );
}

function listStore(store: Store, clock: Clock): Record<string, unknown> {
  const { name, engine } = store;
  const messages = list(engine.query('messages', MAX_LISTED), (row) =>
    messageColumns(name, row, agesOf(row, clock)),
  );
  const notifies = list(engine.query('notifies', MAX_LISTED), (row) => notifyColumns(name, row));
  const replies = list(engine.query('replies', MAX_LISTED), (row) => replyColumns(name, row));
  return withTotals(
    { store: storeRows(store), messages: messages.rows, notifies: notifies.rows, replies: replies.rows },
    { messages, notifies, replies },
  );
}

function storeRows(store: Store): Columns[] {
  return list(store.engine.query('store', MAX_LISTED), storeColumns).rows;
}

interface List {
  readonly total: number;
  readonly rows: Columns[];
}

/** The newest rows, in the order of their coming. */
function list<Row>(
  { total, rows }: { readonly total: number; readonly rows: readonly Row[] },
  toColumns: (row: Row) => Columns,
): List {
  return { total, rows: rows.map(toColumns).reverse() };
}

/** Says how many there are in all, where a list was cut. */
function withTotals(answer: Record<string, unknown>, lists: Record<string, List>): Record<string, unknown> {
  const cut = Object.entries(lists).filter(([, { total, rows }]) => total > rows.length);
  if (cut.length === 0) return answer;
  return { ...answer, totals: Object.fromEntries(cut.map(([name, { total }]) => [name, total])) };
}
