import type { RouteRow } from '../engine/rows.js';
import { ADVERTISEMENT_LIFETIME_MS } from '../mesh/freshness.js';
import type { Clock } from '../support/clock.js';
import { MS_PER_SECOND } from '../support/clock.js';

/** What a person wants to know of a route besides its row. */
export interface RouteView {
  /** The store that a message is handed to: its name, or `host:port` where that is not known; empty for an own consumer. */
  readonly nextHop: string;
  /** Names of the stores on the way, the next first and the consumer's last, as far as they are known. */
  readonly stores: readonly string[];
  /** Whole seconds since the consumer's store last said that it is there. */
  readonly ageS: number;
  /** Whole seconds since the load was last heard of. */
  readonly loadAgeS: number;
}

export function viewRoute(row: RouteRow, clock: Clock): RouteView {
  const stores = storesOnTheWay(row);
  const isOwn = row.direction === 'local';
  const [next = `${row.viaHost}:${row.viaPort}`] = stores;
  return {
    nextHop: isOwn ? '' : next,
    stores,
    // An own consumer says it anew all the time, without a word.
    ageS: isOwn ? 0 : secondsSince(row.expiresAt - ADVERTISEMENT_LIFETIME_MS, clock),
    loadAgeS: secondsSince(row.loadAt, clock),
  };
}

/** The row has the consumer's store first, as the news travelled. */
function storesOnTheWay(row: RouteRow): readonly string[] {
  if (row.path === '') return [];
  const parsed: unknown = JSON.parse(row.path);
  return Array.isArray(parsed) ? parsed.filter((entry) => typeof entry === 'string').reverse() : [];
}

function secondsSince(moment: number, clock: Clock): number {
  return Math.max(0, Math.round((clock.now() - moment) / MS_PER_SECOND));
}
