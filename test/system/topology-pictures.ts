/** The five pictures: meshes as users build them (docs/ROUTING.md). An arrow is "has as north peer". */

/** One store of a picture. */
export interface DrawnStore {
  readonly name: string;
  /** What it calls itself: its name, where it is not said. */
  readonly calledName?: string;
  /** Names of its north peers, in the order of its configuration. */
  readonly norths: readonly string[];
  /** Services that consumers at it offer. */
  readonly offers: readonly string[];
  /** How long its consumers take for a message, ms, by service; others answer at once. */
  readonly thinkMs?: Readonly<Record<string, number>>;
  /** How far the time of day of its machine is off, ms. */
  readonly wallOffsetMs?: number;
  /** Messages at once that each of its consumers takes; many, where it is not said. */
  readonly inTransitLimit?: number;
}

export interface Picture {
  readonly title: string;
  /** `redistribute` of all its links. */
  readonly redistribute: boolean;
  /** `interStoreLB` of all its stores; off, where it is not said. */
  readonly balance?: boolean;
  readonly stores: readonly DrawnStore[];
  /** The services that each store must see: all of them and no other. */
  readonly sees: Readonly<Record<string, readonly string[]>>;
}

/** The service that every store of most pictures offers: `at-S1` at S1. */
export function serviceAt(store: string): string {
  return `at-${store}`;
}

/** A picture in which every store offers one service, and every store sees all. */
function allSeeAll(title: string, norths: Readonly<Record<string, readonly string[]>>): Picture {
  const names = Object.keys(norths);
  const services = names.map(serviceAt).sort();
  return {
    title,
    redistribute: true,
    stores: names.map((name) => ({ name, norths: norths[name] ?? [], offers: [serviceAt(name)] })),
    sees: Object.fromEntries(names.map((name) => [name, services])),
  };
}

/** One instance: producer and consumer at the same store. */
export const ONE_INSTANCE = allSeeAll('one instance', { S1: [] });

/** Two instances: `S1 → S2`. */
export const TWO_INSTANCES = allSeeAll('two instances', { S1: ['S2'], S2: [] });

/** `S1 → S10 ← S2`: two that cannot reach each other but by the third. */
export const TRANSIT_BELOW = allSeeAll('transit S1→S10←S2', { S1: ['S10'], S2: ['S10'], S10: [] });

/** `S1 → S10 → S2`: the third lies between them. */
export const TRANSIT_THROUGH = allSeeAll('transit S1→S10→S2', { S1: ['S10'], S10: ['S2'], S2: [] });

/** High availability: two pairs of stores in the middle, each linked with all the others. */
export const SIX_STORES = allSeeAll('the high-availability mesh of six', {
  S1: ['S10', 'S11'],
  S2: ['S20', 'S21'],
  S10: ['S20', 'S11', 'S21'],
  S20: ['S11', 'S21'],
  S11: ['S21'],
  S21: [],
});

/** Service isolation: who sees what is the consequence of the links alone. */
export const ISOLATION: Picture = {
  title: 'service isolation',
  redistribute: false,
  stores: [
    { name: 'S1', norths: ['S10', 'S11'], offers: ['C1'] },
    { name: 'S2', norths: ['S10'], offers: ['C3', 'C4'] },
    { name: 'S3', norths: ['S11'], offers: ['C5', 'C6'] },
    { name: 'S10', norths: [], offers: [] },
    { name: 'S11', norths: [], offers: [] },
    { name: 'S12', norths: [], offers: ['C2', 'C4', 'C5'] },
  ],
  sees: {
    S1: ['C1', 'C3', 'C4', 'C5', 'C6'],
    S2: ['C1', 'C3', 'C4'],
    S3: ['C1', 'C5', 'C6'],
    S10: ['C1', 'C3', 'C4'],
    S11: ['C1', 'C5', 'C6'],
    S12: ['C2', 'C4', 'C5'],
  },
};

export const PICTURES: readonly Picture[] = [
  ONE_INSTANCE,
  TWO_INSTANCES,
  TRANSIT_BELOW,
  TRANSIT_THROUGH,
  SIX_STORES,
  ISOLATION,
];

/** Who sends what in a picture: each service, from each other store that sees it and produces. */
export function routesToTry({ stores, sees }: Picture): { from: string; service: string }[] {
  return stores.flatMap(({ name, offers }) =>
    (sees[name] ?? [])
      .filter((service) => stores.length === 1 || !offers.includes(service))
      .map((service) => ({ from: name, service })),
  );
}

/** The properties of a store's node, at a port. */
export function propertiesOf(
  { name, calledName = name, norths }: DrawnStore,
  picture: Picture,
  portOf: (store: string) => number,
): Record<string, unknown> {
  return {
    name: calledName,
    meshName: 'mesh0',
    interStoreLB: picture.balance === true,
    listenAddress: HOST,
    listenPort: String(portOf(name)),
    headers: norths.map((north) => ({
      ip: HOST,
      port: String(portOf(north)),
      redistribute: String(picture.redistribute),
    })),
  };
}

/** All stores of these tests are on this machine. */
export const HOST = '127.0.0.1';
