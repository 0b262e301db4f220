import { GroupIndex } from './group-index.js';
import type { ConsumerRow } from './rows.js';
import { Table, type TableContext } from './table.js';
import { TableSchema } from './table-schema.js';

const SCHEMA = new TableSchema<ConsumerRow>(
  'localStoreConsumers',
  { consumerId: 'text', service: 'text', inTransitLimit: 'number' },
  (row) => row.consumerId,
);

/** `localStoreConsumers`: the consumers attached to this store, by the service that they offer. */
export class ConsumerTable extends Table<ConsumerRow> {
  private readonly byService = this.derive(
    new GroupIndex<ConsumerRow, Set<ConsumerRow>>(
      (row) => row.service,
      () => new Set(),
    ),
  );

  constructor(context: TableContext) {
    super(context, SCHEMA);
  }

  /** Consumers that offer a service. A copy. */
  ofService(service: string): ConsumerRow[] {
    this.settle();
    return [...(this.byService.group(service) ?? [])];
  }

  /** Services offered by a consumer of this store, each once. */
  services(): string[] {
    this.settle();
    return this.byService.names();
  }
}
