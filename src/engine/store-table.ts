import type { StoreRow } from './rows.js';
import { Table, type TableContext } from './table.js';
import { TableSchema } from './table-schema.js';

const SCHEMA = new TableSchema<StoreRow>(
  'stores',
  { storeName: 'text', storeHost: 'text', storePort: 'text' },
  (row) => row.storeName,
);

/** `stores`: the store itself, as its listings show it. */
export class StoreTable extends Table<StoreRow> {
  constructor(context: TableContext) {
    super(context, SCHEMA);
  }
}
