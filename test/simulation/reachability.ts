import type { ConsumerPlan, Index, StorePlan } from './scenario.js';

/** Which way an advertisement arrived at a store: from its south, or from its north. */
type Side = 'south' | 'north';

/**
 * Who should see whom, straight from the relaying rule (WIRE 3) and apart from the code under test: for
 * each store the stores whose consumers it knows, itself included.
 */
export function visibleStores(stores: readonly StorePlan[]): readonly ReadonlySet<Index>[] {
  const visible = stores.map((_, index) => new Set([index]));
  const northsOf = (at: Index): readonly Index[] => stores[at]?.norths.map((north) => north.store) ?? [];
  const southsOf = (at: Index): readonly Index[] =>
    stores.flatMap((store, index) => (store.norths.some((north) => north.store === at) ? [index] : []));

  /** Passes an advertisement on from the last store of the path, never through a store twice. */
  const passOn = (path: readonly Index[], at: Index, mayGoNorth: boolean, maySouth: boolean): void => {
    for (const north of mayGoNorth ? northsOf(at) : []) {
      if (!path.includes(north)) arrive([...path, north], at, north, 'south');
    }
    for (const south of maySouth ? southsOf(at) : []) {
      if (!path.includes(south)) arrive([...path, south], at, south, 'north');
    }
  };
  /** `side`: where the sender lies, seen from the receiver. */
  const arrive = (path: readonly Index[], from: Index, at: Index, side: Side): void => {
    const plan = stores[at];
    const origin = path[0];
    if (plan === undefined || origin === undefined) return;
    if (side === 'south' && !plan.southInsert) return;
    visible[at]?.add(origin);
    const link = plan.norths.find((north) => north.store === from);
    if (side === 'south') passOn(path, at, true, true);
    else passOn(path, at, false, link?.redistribute ?? false);
  };
  for (const origin of stores.keys()) passOn([origin], origin, true, true);
  return visible;
}

/** By store: the services that it sees, all of whose consumers answer sooner or later, and have room to. */
export function reachableServices(
  stores: readonly StorePlan[],
  consumers: readonly ConsumerPlan[],
): readonly (readonly string[])[] {
  const answered = new Set(consumers.map((consumer) => consumer.service));
  for (const { service, manner, inTransitLimit } of consumers) {
    if (manner === 'neverReplies' || inTransitLimit === 0) answered.delete(service);
  }
  return visibleStores(stores).map((visible) => {
    const seen = consumers.filter((consumer) => visible.has(consumer.store));
    return [...answered].filter((service) => seen.some((consumer) => consumer.service === service));
  });
}
