import type { Rate } from '../../src/support/rate-limiter.js';
import { reachableServices } from './reachability.js';
import {
  PAYLOAD_KINDS,
  type Action,
  type ConsumerPlan,
  type Index,
  type Manner,
  type ProducerPlan,
  type Scenario,
  type Shape,
  type StorePlan,
} from './scenario.js';
import { SeededRandom } from './seeded-random.js';
import { CALM, type Weather } from './weather.js';

const SHAPES: readonly Shape[] = ['single', 'chain', 'star', 'tree', 'ring', 'diamond', 'random'];
/** Quotes and other scripts too: a name is data, whatever it looks like. */
const SERVICES = ['alpha', 'beta', `o'brien "; DROP`, '服务'];
const MOST_STORES = 6;
/** The mesh finds itself before the first message: what waits then is the baseline. */
export const FIRST_MESSAGE_MS = 3_000;
const LIFETIMES_MS = [2_000, 8_000, 20_000, 45_000];
const DAY_MS = 86_400_000;

/** Draws a scenario: topology, roles, and what happens when. The same seed gives the same scenario. */
export function generateScenario(seed: string): Scenario {
  const random = new SeededRandom(seed).fork('scenario');
  const shape = random.pick(SHAPES);
  const stores = drawStores(shape, random.fork('stores'));
  const services = SERVICES.slice(0, random.whole(1, SERVICES.length));
  const consumers = drawConsumers(stores.length, services, random.fork('consumers'));
  const answered = reachableServices(stores, consumers);
  const producers = drawProducers(services, answered, random.fork('producers'));
  const healsAtMs = random.whole(20_000, 60_000);
  const actions = [
    ...drawMessages(producers.length, healsAtMs, random.fork('messages')),
    ...drawWeather(healsAtMs, random.fork('weather')),
    ...drawPartitions(stores, healsAtMs, random.fork('partitions')),
    ...drawAbsences(stores.length, consumers.length, healsAtMs, random.fork('absences')),
    { atMs: healsAtMs, kind: 'heal' } as const,
  ].sort((a, b) => a.atMs - b.atMs);
  const inBytes = random.chance(35);
  return { seed, shape, inBytes, stores, consumers, producers, actions, healsAtMs };
}

function drawStores(shape: Shape, random: SeededRandom): readonly StorePlan[] {
  const count = shape === 'single' ? 1 : shape === 'diamond' ? 4 : random.whole(2, MOST_STORES);
  const versionThreePercent = random.pick([0, 0, 0, 50, 100]);
  return Array.from({ length: count }, (_, index) => ({
    name: `mesh0:s${index}`,
    norths: northsOf(shape, index, count, random).map((store) => ({
      store,
      redistribute: random.chance(70),
    })),
    southInsert: random.chance(90),
    interStoreLB: random.chance(40),
    wallOffsetMs: random.chance(80) ? 0 : random.pick([-DAY_MS, -180_000, 180_000, DAY_MS]),
    modern: !random.chance(versionThreePercent),
  }));
}

/** Which stores the store at `index` has as its north peers. */
function northsOf(shape: Shape, index: Index, count: number, random: SeededRandom): readonly Index[] {
  switch (shape) {
    case 'single':
      return [];
    case 'chain':
      return index === 0 ? [] : [index - 1];
    case 'star':
      return index === 0 ? [] : [0];
    case 'tree':
      return index === 0 ? [] : [Math.floor((index - 1) / 2)];
    case 'ring':
      return [(index + 1) % count];
    case 'diamond':
      return [[], [0], [0], [1, 2]][index] ?? [];
    case 'random':
      return Array.from({ length: count }, (_, other) => other).filter(
        (other) => other !== index && random.chance(30),
      );
  }
}

function drawConsumers(
  stores: number,
  services: readonly string[],
  random: SeededRandom,
): readonly ConsumerPlan[] {
  const manners: readonly Manner[] = [
    'replies',
    'replies',
    'replies',
    'replies',
    'repliesTwice',
    'repliesWithError',
    'neverReplies',
  ];
  return Array.from({ length: random.whole(1, 6) }, (_, index) => {
    const shortest = random.pick([0, 5, 200]);
    return {
      id: `c${index}`,
      store: random.whole(0, stores - 1),
      service: random.pick(services),
      inTransitLimit: random.pick([0, 1, 1, 2, 3, 10]),
      manualRead: random.chance(20),
      rate: drawRate(random),
      manner: random.pick(manners),
      thinkMs: [shortest, shortest + random.pick([0, 50, 1_500])] as const,
    };
  });
}

function drawProducers(
  services: readonly string[],
  answered: readonly (readonly string[])[],
  random: SeededRandom,
): readonly ProducerPlan[] {
  return Array.from({ length: random.whole(1, 5) }, (_, index) => {
    const service = random.pick(services);
    const store = random.whole(0, answered.length - 1);
    // A message without a deadline ends only where somebody answers it.
    const endless = answered[store]?.includes(service) === true && random.chance(15);
    return {
      id: `p${index}`,
      store,
      service,
      lifetimeMs: endless ? Infinity : random.pick(LIFETIMES_MS),
      sendOnly: random.chance(25),
      priority: random.whole(0, 3),
      notifyIntervalMs: random.pick([1_000, 5_000, 15_000]),
      manualRead: random.chance(15),
      rate: drawRate(random),
      reversePath: random.chance(70),
      redeliver: random.chance(40),
      maxDeliver: random.whole(1, 5),
    };
  });
}

/** Mostly none; else one that a burst runs into. */
function drawRate(random: SeededRandom): Rate | undefined {
  const messages = random.whole(1, 5);
  return random.chance(15) ? { messages, periods: 1, unit: 'second' } : undefined;
}

/** Single messages all along, and bursts: many at one moment is what a limit has to stand. */
function drawMessages(producers: number, untilMs: number, random: SeededRandom): readonly Action[] {
  const actions: Action[] = [];
  for (let burst = random.whole(2, 6); burst > 0; burst -= 1) {
    const atMs = random.whole(FIRST_MESSAGE_MS, untilMs);
    const producer = random.whole(0, producers - 1);
    const gapMs = random.pick([0, 0, 1, 40, 900]);
    for (let count = random.whole(1, 12); count > 0; count -= 1) {
      actions.push({
        atMs: atMs + count * gapMs,
        kind: 'send',
        producer,
        payload: random.pick(PAYLOAD_KINDS),
      });
    }
  }
  return actions.filter((action) => action.atMs < untilMs);
}

function drawWeather(untilMs: number, random: SeededRandom): readonly Action[] {
  const actions: Action[] = [];
  for (let change = random.whole(0, 4); change > 0; change -= 1) {
    const weather: Weather = {
      minDelayMs: 0.5,
      maxDelayMs: random.pick([1, 10, 200, 2_000]),
      slowPercent: random.pick([0, 0, 5, 20]),
      slowMs: random.pick([1_000, 6_000, 31_000]),
      dropPercent: random.pick([0, 0, 5, 30]),
      loseAnswerPercent: random.pick([0, 0, 5, 30]),
      repeatPercent: random.pick([0, 0, 10, 50]),
      cutPercent: random.pick([0, 0, 10, 40]),
    };
    const calm = random.chance(25);
    actions.push({ atMs: random.whole(0, untilMs), kind: 'weather', weather: calm ? CALM : weather });
  }
  return actions;
}

/** Links that carry nothing until all faults end. */
function drawPartitions(
  stores: readonly StorePlan[],
  untilMs: number,
  random: SeededRandom,
): readonly Action[] {
  const links = stores.flatMap((store, index) =>
    store.norths.map((north): readonly [Index, Index] => [index, north.store]),
  );
  if (links.length === 0 || !random.chance(35)) return [];
  return [{ atMs: random.whole(0, untilMs), kind: 'separate', stores: random.pick(links) }];
}

/** Stores and consumers that go away and come back, all of them before the faults end. */
function drawAbsences(
  stores: number,
  consumers: number,
  untilMs: number,
  random: SeededRandom,
): readonly Action[] {
  const actions: Action[] = [];
  const absence = (): readonly [number, number] => {
    const from = random.whole(FIRST_MESSAGE_MS, untilMs - 1);
    return [from, random.whole(from, untilMs)];
  };
  if (random.chance(30)) {
    const store = random.whole(0, stores - 1);
    const [from, to] = absence();
    actions.push({ atMs: from, kind: 'close', store, killed: random.chance(50) });
    actions.push({ atMs: to, kind: 'open', store });
  }
  if (random.chance(40)) {
    const consumer = random.whole(0, consumers - 1);
    const [from, to] = absence();
    actions.push({ atMs: from, kind: 'detach', consumer });
    actions.push({ atMs: to, kind: 'attach', consumer });
  }
  return actions;
}
