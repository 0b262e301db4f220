import { SILENT_LOG, type Log } from '../support/log.js';
import { ConsumerTable } from './consumer-table.js';
import { Database } from './database.js';
import { Dispatcher } from './dispatcher.js';
import { MessageTable } from './message-table.js';
import { NotifyTable } from './notify-table.js';
import { ReplyTable } from './reply-table.js';
import { RouteTable } from './route-table.js';
import type { ConsumerRow, MessageRow, NotifyRow, ReplyRow, RouteRow, StoreRow } from './rows.js';
import { StoreTable } from './store-table.js';
import type { Listing, Table, TableContext } from './table.js';

/** The row type of each list that can be asked for. */
export interface ListedRows {
  messages: MessageRow;
  notifies: NotifyRow;
  replies: ReplyRow;
  consumers: ConsumerRow;
  routes: RouteRow;
  store: StoreRow;
}

/**
 * The tables of one store, in an AlaSQL database of its own. AlaSQL is the record and the bus of
 * triggers; finding a row is left to indexes derived from it (DESIGN.md, "AlaSQL, as it really is").
 */
export class Engine {
  readonly messages: MessageTable;
  readonly notifies: NotifyTable;
  readonly replies: ReplyTable;
  readonly consumers: ConsumerTable;
  readonly routes: RouteTable;
  /** Ways to other stores themselves, for what must go back to them. */
  readonly storeRoutes: RouteTable;
  readonly store: StoreTable;
  private readonly database = new Database();

  /** @param log where a handler that fails, or a row spoilt by foreign SQL, is reported; silent by default */
  constructor(log: Log = SILENT_LOG) {
    const context: TableContext = { database: this.database, dispatcher: new Dispatcher(log), log };
    this.messages = new MessageTable(context);
    this.notifies = new NotifyTable(context);
    this.replies = new ReplyTable(context);
    this.consumers = new ConsumerTable(context);
    this.routes = new RouteTable(context, 'globalStoreConsumers');
    this.storeRoutes = new RouteTable(context, 'globalStores');
    this.store = new StoreTable(context);
  }

  /** Name of the AlaSQL database: generated, for looking in with SQL. */
  get databaseName(): string {
    return this.database.name;
  }

  /** The newest rows of one table, the newest first, and how many it has. */
  query<Name extends keyof ListedRows>(list: Name, limit: number): Listing<ListedRows[Name]> {
    const tables = this.tables();
    return tables[list].newest(limit);
  }

  /** Takes all rows out of all tables. */
  clear(): void {
    for (const table of Object.values(this.tables())) table.clear();
    this.storeRoutes.clear();
  }

  /** Drops the database. Nothing of it is left in AlaSQL; inserting throws `CLOSED` from now on. */
  close(): void {
    this.clear();
    this.database.close();
  }

  private tables(): TablesByName {
    const { messages, notifies, replies, consumers, routes, store } = this;
    return { messages, notifies, replies, consumers, routes, store };
  }
}

type TablesByName = { readonly [Name in keyof ListedRows]: Table<ListedRows[Name]> };
