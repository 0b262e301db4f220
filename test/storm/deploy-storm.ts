/** Deploys of every sort, one after the other, over two whole Node-RED processes under steady load. */
import { setTimeout as pause } from 'node:timers/promises';
import { makeMeshKey } from '../../src/security/mesh-key.js';
import { SeededRandom } from '../simulation/seeded-random.js';
import { freePort } from '../support/free-port.js';
import { judge, type Verdict } from './judge.js';
import { type Entry, GrowingLedgers, kindOf, storyOf } from './ledger.js';
import { changed, consumerNodes, producerNodes, storeNodes, without } from './storm-flows.js';
import { DEPLOY_TYPES, StormNodeRed, untilListening, type StormNode } from './storm-node-red.js';

export interface DeployStormOptions {
  readonly seed: string;
  readonly deploys: number;
  readonly perSecond: number;
  /** Mean time between two deploys, ms. */
  readonly everyMs: number;
  /** Told how far it is. */
  readonly progress?: (text: string) => void;
}

export interface DeployStormResult extends Verdict {
  /** Deploys by type and change. */
  readonly deploys: Readonly<Record<string, number>>;
  /** The longest time from a deploy until the store listened again, ms. */
  readonly slowestListenerMs: number;
  /** Messages that Node-RED dropped behind their consumer. */
  readonly dropped: number;
  readonly seconds: number;
  /** From the last deploy until every message had its end, s. */
  readonly drainSeconds: number;
}

const MS_PER_SECOND = 1_000;
const MESSAGE_CHARS = 1_000;
/** A flow takes up to so long to answer, ms: some messages are in it at every deploy. */
const ECHO_MS = 100;
/** More than come in between while a store is away for the longest time. */
const MOST_OPEN = 20_000;
/** Pauses between deploys: this part of their mean at least, and so much more at most. */
const SHORTEST_PAUSE = 0.2;
const LONGEST_PAUSE = 1.8;
/** In so many of hundred deploys a node is taken away, and is back with the next one. */
const REMOVALS_PERCENT = 25;
/** After the last deploy everything must have an end in this time, ms: leases (10 s) included, and a machine with other work. */
const DRAIN_WITHIN_MS = 120_000;
/** A send-only message that is still queued then is read in this time, ms. */
const SEND_ONLY_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 200;

/** One of the two processes, and what a deploy may change in it. */
interface Side {
  readonly red: StormNodeRed;
  readonly port: number;
  flow: StormNode[];
  readonly changes: readonly Change[];
  readonly removable: readonly string[];
}

interface Change {
  readonly id: string;
  readonly properties: (random: SeededRandom) => object;
}

/** North ← South: the consumer at North, the producers at South. */
export async function deployStorm(options: DeployStormOptions): Promise<DeployStormResult> {
  const sides = await twoSides();
  const ledgers = new GrowingLedgers(sides.map(({ red }) => red.ledger));
  const startedAt = performance.now();
  try {
    await Promise.all(sides.map(({ red }) => red.start()));
    for (const { red, flow, port } of sides) {
      await red.deploy(flow, 'full');
      await untilListening(port);
    }
    const count = Math.ceil((options.deploys * options.everyMs * options.perSecond) / MS_PER_SECOND);
    const producers = sides[1]?.red;
    producers?.feed({ count, perSecond: options.perSecond, bytes: MESSAGE_CHARS, most: MOST_OPEN });
    const { deploys, slowestListenerMs } = await deployAtRandom(sides, ledgers, options);
    const lastAt = performance.now();
    const left = await drained(ledgers, () => producers?.tried === count);
    const { open, entries } = ledgers;
    const dropped = new Set([...droppedBehindConsumer(entries)].filter((number) => open.has(number)));
    const verdict = judge(entries.filter(({ number }) => !dropped.has(number)));
    return {
      ...verdict,
      dropped: dropped.size,
      deploys,
      slowestListenerMs,
      seconds: (performance.now() - startedAt) / MS_PER_SECOND,
      drainSeconds: (performance.now() - lastAt) / MS_PER_SECOND,
      wrong: [
        ...verdict.wrong,
        ...left,
        ...tooMany(verdict.readInVain, options.deploys, 'send-only messages were read in vain'),
        ...tooMany(dropped.size, options.deploys, 'messages got lost behind their consumer'),
        ...sides.flatMap(({ red }) => complaintsOf(red)),
      ],
    };
  } finally {
    await Promise.all(sides.map(({ red }) => red.dispose()));
  }
}

/**
 * What only the moment of a deploy can do: end a store between its word that it has a send-only message and the answer to that,
 * or a node that its consumer has just given something. More of them than deploys cannot come from that.
 */
function tooMany(times: number, deploys: number, what: string): readonly string[] {
  return times <= deploys ? [] : [`${times} ${what}`];
}

async function twoSides(): Promise<readonly Side[]> {
  const [northPort, southPort] = [await freePort(), await freePort()];
  const meshKey = makeMeshKey();
  const store: Change = {
    id: 'store',
    properties: (random) => ({ maxMessages: random.whole(100_000, 500_000) }),
  };
  const nothing: Change = { id: 'none', properties: () => ({}) };
  const producer = (kind: string): Change => ({
    id: `producer-${kind}`,
    properties: (random) => ({ notifyInterval: random.whole(1, 3), priority: random.whole(0, 3) }),
  });
  return [
    {
      red: new StormNodeRed('North'),
      port: northPort,
      flow: [
        ...storeNodes({ name: 'North', port: northPort, norths: [], meshKey }),
        ...consumerNodes('North', ECHO_MS),
      ],
      changes: [
        store,
        nothing,
        { id: 'consumer', properties: (random) => ({ intransit: random.whole(20, 100) }) },
        { id: 'echo', properties: (random) => ({ delay: random.whole(1, 2 * ECHO_MS) }) },
      ],
      removable: ['consumer', 'store'],
    },
    {
      red: new StormNodeRed('South'),
      port: southPort,
      flow: [
        ...storeNodes({ name: 'South', port: southPort, norths: [northPort], meshKey }),
        ...producerNodes('South'),
      ],
      changes: [store, nothing, producer('once'), producer('redeliver'), producer('sendOnly')],
      removable: ['producer-once', 'producer-redeliver', 'store'],
    },
  ];
}

async function deployAtRandom(
  sides: readonly Side[],
  ledgers: GrowingLedgers,
  { seed, deploys, everyMs, progress }: DeployStormOptions,
): Promise<Pick<DeployStormResult, 'deploys' | 'slowestListenerMs'>> {
  const random = new SeededRandom(seed);
  const counts: Record<string, number> = {};
  let slowestListenerMs = 0;
  const rest = (): Promise<void> => pause(everyMs * random.between(SHORTEST_PAUSE, LONGEST_PAUSE));
  /** Side whose node is away until its next deploy. */
  let missing: Side | undefined;
  for (let deploy = 1; deploy <= deploys; deploy += 1) {
    await rest();
    const side: Side = missing ?? random.pick(sides);
    const type = random.pick(DEPLOY_TYPES);
    let what = 'back';
    let flow = side.flow;
    if (missing !== undefined) missing = undefined;
    else if (random.chance(REMOVALS_PERCENT) && deploy < deploys) {
      const id = random.pick(side.removable);
      what = `without ${id}`;
      flow = without(side.flow, id);
      missing = side;
    } else {
      const { id, properties } = random.pick(side.changes);
      what = `changed ${id}`;
      flow = side.flow = changed(side.flow, id, properties(random));
    }
    await side.red.deploy(flow, type);
    const sort = `${type}, ${what}`;
    counts[sort] = (counts[sort] ?? 0) + 1;
    const listenerMs = what === 'without store' ? 0 : await untilListening(side.port);
    slowestListenerMs = Math.max(slowestListenerMs, listenerMs);
    progress?.(
      `${new Date().toISOString()} ${deploy}: ${side.red.name}, ${sort}; listened after ${Math.round(listenerMs)} ms; ${ledgers.read().open.size} open`,
    );
  }
  return { deploys: counts, slowestListenerMs };
}

/** Waits until everything was sent and has its end. @returns what is left */
async function drained(ledgers: GrowingLedgers, allSent: () => boolean): Promise<readonly string[]> {
  while (!allSent()) await pause(LOOK_EVERY_MS);
  const until = performance.now() + DRAIN_WITHIN_MS;
  const left = (): number[] => {
    const { open, entries } = ledgers.read();
    const dropped = droppedBehindConsumer(entries);
    return [...open].filter((number) => kindOf(number) !== 'sendOnly' && !dropped.has(number));
  };
  while (left().length > 0 && performance.now() < until) await pause(LOOK_EVERY_MS);
  // What of a send-only message was read in vain shows nowhere: none comes any more after a while.
  const enough = performance.now() + SEND_ONLY_WITHIN_MS;
  while (ledgers.read().open.size > 0 && performance.now() < enough) await pause(LOOK_EVERY_MS);
  const lost = left();
  return lost.map((number) => `${number} has no end: ${storyOf(number, ledgers.entries)}`);
}

/**
 * Messages that the node behind their consumer never got, or answers to them that their consumer never got: Node-RED drops what lies between two nodes when a
 * deploy ends the second or makes it anew. Where the consumer goes on, such a message waits for its time limit.
 */
function droppedBehindConsumer(entries: readonly Entry[]): ReadonlySet<number> {
  return new Set([...missing(entries, 'received', 'reached'), ...missing(entries, 'answered', 'returned')]);
}

/** Messages of which the second was seen less often than the first. */
function missing(entries: readonly Entry[], first: Entry['saw'], second: Entry['saw']): readonly number[] {
  const times = new Map<number, number>();
  for (const { saw, number } of entries) {
    if (saw === first) times.set(number, (times.get(number) ?? 0) + 1);
    if (saw === second) times.set(number, (times.get(number) ?? 0) - 1);
  }
  return [...times].filter(([, more]) => more > 0).map(([number]) => number);
}

function complaintsOf(red: StormNodeRed): readonly string[] {
  return red
    .output()
    .split('\n')
    .filter((line) => line.includes('Close timed out') || line.includes('Uncaught'))
    .map((line) => `${red.name} says: ${line}`);
}
