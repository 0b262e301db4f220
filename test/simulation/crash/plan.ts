import type { ConsumerPlan, Index, ProducerPlan, StorePlan } from '../scenario.js';
import { SeededRandom } from '../seeded-random.js';
import { CALM, type Weather } from '../weather.js';
import { type Point, POINTS } from './points.js';

/** The producers' store, the relay and the consumers' store, by their places in the chain. */
const ROLES: readonly Index[] = [0, 1, 2];
/** The mesh finds itself before the first message. */
export const FIRST_MESSAGE_MS = 3_000;
/** No process dies and no disk fails from here on. */
export const HEALED_MS = 40_000;
const LIFETIMES_MS = [4_000, 15_000, 45_000];
const SERVICE = 'work';

/** A death that waits for its point. */
export interface Death {
  readonly store: Index;
  readonly point: Point;
  /** How often the point is passed before. */
  readonly passes: number;
  /** The power of the machine fails, not only the process. */
  readonly power: boolean;
  /** Until the process is started again, ms. */
  readonly downMs: number;
}

export interface DiskPlan {
  readonly powerSafe: boolean;
  /** What an access takes until it counts, and from there until the caller hears of it, ms. */
  readonly commitMs: number;
  readonly answerMs: number;
  /** When it is full, from and to, ms. */
  readonly full: readonly [number, number] | undefined;
}

/** All that is decided before a run begins. */
export interface CrashPlan {
  readonly seed: string;
  readonly stores: readonly StorePlan[];
  readonly disks: readonly DiskPlan[];
  readonly consumers: readonly ConsumerPlan[];
  readonly producers: readonly ProducerPlan[];
  readonly sends: readonly { readonly atMs: number; readonly producer: Index; readonly large: boolean }[];
  readonly deaths: readonly Death[];
  readonly weather: Weather;
}

/** Draws what happens. The same seed gives the same plan. */
export function planCrashes(seed: string): CrashPlan {
  const random = new SeededRandom(seed).fork('crash');
  const producers = drawProducers(random.fork('producers'));
  return {
    seed,
    stores: ROLES.map((index) => ({
      name: `mesh0:s${index}`,
      // Both ends have the relay north of them.
      norths: index === 1 ? [] : [{ store: 1, redistribute: true }],
      southInsert: true,
      interStoreLB: false,
      wallOffsetMs: 0,
      modern: true,
    })),
    disks: ROLES.map((index) => drawDisk(random.fork(`disk${index}`))),
    consumers: drawConsumers(random.fork('consumers')),
    producers,
    sends: drawSends(producers.length, random.fork('sends')),
    deaths: drawDeaths(random.fork('deaths')),
    weather: drawWeather(random.fork('weather')),
  };
}

function drawDisk(random: SeededRandom): DiskPlan {
  const from = random.whole(FIRST_MESSAGE_MS, HEALED_MS - 10_000);
  return {
    powerSafe: random.chance(60),
    commitMs: random.pick([0, 0, 3, 40, 400]),
    answerMs: random.pick([0, 0, 2]),
    full: random.chance(20) ? [from, from + random.whole(500, 8_000)] : undefined,
  };
}

function drawConsumers(random: SeededRandom): readonly ConsumerPlan[] {
  // Mostly behind the relay; the producers' own store has one now and then.
  const stores = random.pick([[2, 2], [2, 1], [2, 0], [2]]);
  return stores.map((store, index) => ({
    id: `c${index}`,
    store,
    service: SERVICE,
    inTransitLimit: random.pick([1, 2, 5]),
    manualRead: false,
    rate: undefined,
    manner: random.pick(['replies', 'replies', 'replies', 'repliesWithError'] as const),
    thinkMs: random.pick([
      [0, 0],
      [20, 300],
      [500, 3_000],
    ] as const),
  }));
}

function drawProducers(random: SeededRandom): readonly ProducerPlan[] {
  const draw = (index: Index, kind: Partial<ProducerPlan>): ProducerPlan => ({
    id: `p${index}`,
    store: 0,
    service: SERVICE,
    lifetimeMs: random.pick(LIFETIMES_MS),
    sendOnly: false,
    priority: random.whole(0, 3),
    notifyIntervalMs: 1_000,
    manualRead: false,
    rate: undefined,
    reversePath: random.chance(70),
    redeliver: false,
    maxDeliver: 1,
    ...kind,
  });
  return [
    draw(0, {}),
    draw(1, { redeliver: true, maxDeliver: random.whole(2, 5) }),
    draw(2, { sendOnly: true }),
    draw(3, { redeliver: true, maxDeliver: 5, manualRead: true }),
  ];
}

function drawSends(producers: number, random: SeededRandom): CrashPlan['sends'] {
  return Array.from({ length: random.whole(10, 30) }, () => ({
    atMs: random.whole(FIRST_MESSAGE_MS, HEALED_MS - 5_000),
    producer: random.whole(0, producers - 1),
    large: random.chance(20),
  })).sort((a, b) => a.atMs - b.atMs);
}

function drawDeaths(random: SeededRandom): readonly Death[] {
  return Array.from({ length: random.whole(4, 9) }, () => ({
    store: random.pick(ROLES),
    point: random.pick(POINTS),
    passes: random.pick([0, 0, 0, 1, 3]),
    power: random.chance(30),
    downMs: random.pick([1, 300, 2_000, 15_000]),
  }));
}

function drawWeather(random: SeededRandom): Weather {
  if (random.chance(50)) return CALM;
  return {
    ...CALM,
    maxDelayMs: random.pick([3, 50, 300]),
    dropPercent: 3,
    loseAnswerPercent: random.pick([3, 15]),
  };
}
