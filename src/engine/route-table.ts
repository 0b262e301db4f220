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
 *
 * Twenty thousand rows at once cannot be removed without holding up everything else. So rows may be retired: from then
 * on nobody is given them, and they are swept out when there is time.
 */
export class RouteTable extends Table<RouteRow> {
  private readonly byService = this.derive(routesBy((row) => row.service));
  private readonly byVia = this.derive(routesBy((row) => row.via));
  private readonly byConsumer = this.derive(routesBy((row) => compoundKey(row.storeName, row.consumerId)));
  private readonly retired = new Set<RouteRow>();
  /** How many of each neighbour are retired. */
  private readonly retiredVia = new Map<string, number>();

  /** @param name the table's name in AlaSQL: `globalStoreConsumers` for consumers, the store's own included */
  constructor(context: TableContext, name: 'globalStoreConsumers' | 'globalStores') {
    super(context, new TableSchema(name, COLUMNS, routeKeyOf));
  }

  /** These are no routes any more, whoever looks. Each is to be given to {@link sweepOut} later. */
  retire(rows: readonly RouteRow[]): void {
    for (const row of rows) {
      if (this.retired.has(row)) continue;
      this.retired.add(row);
      this.retiredVia.set(row.via, (this.retiredVia.get(row.via) ?? 0) + 1);
    }
  }

  /** Takes a retired row out of the table, unless a new one has taken its place already. */
  sweepOut(row: RouteRow): void {
    if (this.retired.has(row)) this.remove(row);
  }

  override insert(row: RouteRow): RouteRow {
    const inItsPlace = this.retired.size > 0 ? super.get(routeKeyOf(row)) : undefined;
    if (inItsPlace !== undefined) this.sweepOut(inItsPlace);
    return super.insert(row);
  }

  override remove(target: RouteRow | string): RouteRow | undefined {
    const row = super.remove(target);
    if (row !== undefined && this.retired.delete(row)) {
      const left = (this.retiredVia.get(row.via) ?? 0) - 1;
      if (left > 0) this.retiredVia.set(row.via, left);
      else this.retiredVia.delete(row.via);
    }
    return row;
  }

  override get size(): number {
    return super.size - this.retired.size;
  }

  override get(key: string): RouteRow | undefined {
    const row = super.get(key);
    return row !== undefined && this.retired.has(row) ? undefined : row;
  }

  override has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  override rows(): RouteRow[] {
    return this.standing(super.rows());
  }

  override clear(): void {
    this.forgetRetired();
    super.clear();
  }

  /** The route to a consumer through a neighbour. */
  find(storeName: string, consumerId: string, via: string): RouteRow | undefined {
    return this.get(routeKey(storeName, consumerId, via));
  }

  /** Routes to the consumers of a service. A copy. */
  ofService(service: string): RouteRow[] {
    this.settle();
    return this.standing(this.byService.group(service));
  }

  /** Services that this store knows of, each once. */
  services(): string[] {
    this.settle();
    const names = this.byService.names();
    return this.retired.size === 0 ? names : names.filter((name) => this.ofService(name).length > 0);
  }

  /** Routes through a neighbour (`host:port`), or to the store's own consumers (`local`). A copy. */
  via(via: string): RouteRow[] {
    this.settle();
    return this.standing(this.byVia.group(via));
  }

  /** Number of routes through a neighbour. */
  countVia(via: string): number {
    this.settle();
    return this.byVia.count(via) - (this.retiredVia.get(via) ?? 0);
  }

  /** Routes to one consumer. A copy. */
  ofConsumer(storeName: string, consumerId: string): RouteRow[] {
    this.settle();
    return this.standing(this.byConsumer.group(compoundKey(storeName, consumerId)));
  }

  protected override rebuilt(): void {
    // Foreign SQL may have put other objects in the place of the retired ones.
    const keys = Array.from(this.retired, routeKeyOf);
    this.forgetRetired();
    for (const key of keys) super.remove(key);
  }

  private forgetRetired(): void {
    this.retired.clear();
    this.retiredVia.clear();
  }

  private standing(rows: Iterable<RouteRow> = []): RouteRow[] {
    const copy = [...rows];
    return this.retired.size === 0 ? copy : copy.filter((row) => !this.retired.has(row));
  }
}

function routeKeyOf({ storeName, consumerId, via }: RouteRow): string {
  return routeKey(storeName, consumerId, via);
}

function routesBy(groupName: (row: RouteRow) => string): GroupIndex<RouteRow, Set<RouteRow>> {
  return new GroupIndex<RouteRow, Set<RouteRow>>(groupName, () => new Set());
}
