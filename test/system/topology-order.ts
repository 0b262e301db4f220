/** How much of all that could be tried is tried: a seeded share each time, or, with `REDLINK_TOPOLOGIES=all`, everything. */
import { SeededRandom } from '../simulation/seeded-random.js';

/** Whether everything is to be tried: `npm run test:topologies`. */
export const TRY_ALL = process.env['REDLINK_TOPOLOGIES'] === 'all';

/** Most orders of one picture that are tried even then: six stores have 720. */
const MOST_ORDERS = 40;

/** The seed of this run; a failure prints it, and `REDLINK_SEED` replays it. */
export const SEED = process.env['REDLINK_SEED'] ?? String(Date.now());

export const random = new SeededRandom(SEED);

/** The things in an order of chance. */
export function shuffled<T>(things: readonly T[]): T[] {
  const left = [...things];
  const order: T[] = [];
  while (left.length > 0) order.push(...left.splice(random.whole(0, left.length - 1), 1));
  return order;
}

/** So many of the things by chance, or all. */
export function share<T>(things: readonly T[], count: number): T[] {
  return TRY_ALL ? [...things] : shuffled(things).slice(0, count);
}

/** Orders in which to start: `share` of them by chance, or all (of many stores: many). */
export function someOrders<T>(things: readonly T[], share: number): T[][] {
  const count = TRY_ALL
    ? Math.min(MOST_ORDERS, factorial(things.length))
    : Math.min(share, factorial(things.length));
  const orders = new Map<string, T[]>();
  while (orders.size < count) {
    const order = shuffled(things);
    orders.set(order.join(), order);
  }
  return [...orders.values()];
}

function factorial(count: number): number {
  return count <= 1 ? 1 : count * factorial(count - 1);
}
