import { compoundKey } from './compound-key.js';
import { GroupIndex } from './group-index.js';
import type { RouteRow } from './rows.js';
import { Table, type TableContext } from './table.js';
import { TableSchema, type Columns } from './table-schema.js';

const COLUMNS: Columns<RouteRow> = {
  service: 'text',
  consumerId: 'text',
  storeName: 'text',
  storeHost: 'text',
  storePort: 'text',
  direction: ['local', 'north', 'south'],
  via: 'text',
  viaHost: 'text',
  viaPort: 'text',
  hopCount: 'number',
  expiresEpochS: 'number',
  expiresAt: 'number',
  loadAt: 'number',
  room: 'number',
  readMs: 'number',
  replyMs: 'number',
  bootId: 'text',
  counter: 'number',
  path: 'text',
};

/** The key of a route: one way, through one neighbour, to one consumer. */
export function routeKey(storeName: string, consumerId: string, via: string): string {
  return compoundKey(storeName, consumerId, via);
}

/**
 * Every way to every destination that a store knows of: one row for each neighbour that leads there.
 * A consumer is known by its store's name and its id.
 */
export class RouteTable extends Table<RouteRow> {
  private readonly byService = this.derive(routesBy((row) => row.service));
  private readonly byVia = this.derive(routesBy((row) => row.via));
  private readonly byConsumer = this.derive(routesBy((row) => compoundKey(row.storeName, row.consumerId)));

  /** @param name the table's name in AlaSQL: `globalStoreConsumers` for consumers, the store's own included */
  constructor(context: TableContext, name: 'globalStoreConsumers' | 'globalStores') {
    super(context, new TableSchema(name, COLUMNS, (row) => routeKey(row.storeName, row.consumerId, row.via)));
  }

  /** The route to a consumer through a neighbour. */
  find(storeName: string, consumerId: string, via: string): RouteRow | undefined {
    return this.get(routeKey(storeName, consumerId, via));
  }

  /** Routes to the consumers of a service. A copy. */
  ofService(service: string): RouteRow[] {
    this.settle();
    return [...(this.byService.group(service) ?? [])];
  }

  /** Services that this store knows of, each once. */
  services(): string[] {
    this.settle();
    return this.byService.names();
  }

  /** Routes through a neighbour (`host:port`), or to the store's own consumers (`local`). A copy. */
  via(via: string): RouteRow[] {
    this.settle();
    return [...(this.byVia.group(via) ?? [])];
  }

  /** Number of routes through a neighbour. */
  countVia(via: string): number {
    this.settle();
    return this.byVia.count(via);
  }

  /** Routes to one consumer. A copy. */
  ofConsumer(storeName: string, consumerId: string): RouteRow[] {
    this.settle();
    return [...(this.byConsumer.group(compoundKey(storeName, consumerId)) ?? [])];
  }
}

function routesBy(groupName: (row: RouteRow) => string): GroupIndex<RouteRow, Set<RouteRow>> {
  return new GroupIndex<RouteRow, Set<RouteRow>>(groupName, () => new Set());
}
