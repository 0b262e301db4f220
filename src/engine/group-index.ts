import type { DerivedIndex } from './derived-index.js';

/** Rows that share a value; a plain Set will do, a queue gives them an order. */
export interface RowGroup<Row> {
  readonly size: number;
  add(row: Row): unknown;
  delete(row: Row): unknown;
}

/**
 * Rows by a text that is computed from them, such as their consumer. A row whose text changes
 * changes its group; one without a text is in none. Empty groups are forgotten.
 */
export class GroupIndex<Row, Group extends RowGroup<Row>> implements DerivedIndex<Row> {
  private readonly groups = new Map<string, Group>();

  constructor(
    private readonly groupName: (row: Row) => string | undefined,
    private readonly newGroup: () => Group,
  ) {}

  added(row: Row): string | undefined {
    const name = this.groupName(row);
    if (name === undefined) return undefined;
    let group = this.groups.get(name);
    if (group === undefined) {
      group = this.newGroup();
      this.groups.set(name, group);
    }
    group.add(row);
    return name;
  }

  changed(row: Row, place: string | undefined): string | undefined {
    if (this.groupName(row) === place) return place;
    this.removed(row, place);
    return this.added(row);
  }

  removed(row: Row, place: string | undefined): void {
    if (place === undefined) return;
    const group = this.groups.get(place);
    if (group === undefined) return;
    group.delete(row);
    if (group.size === 0) this.groups.delete(place);
  }

  cleared(): void {
    this.groups.clear();
  }

  /** Names of the groups that have a row, the longest standing first. */
  names(): string[] {
    return [...this.groups.keys()];
  }

  /** The group of that name; undefined where no row is in it. */
  group(name: string): Group | undefined {
    return this.groups.get(name);
  }

  /** Number of rows in the group of that name. */
  count(name: string): number {
    return this.groups.get(name)?.size ?? 0;
  }
}
