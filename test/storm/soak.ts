/** Very many messages through two whole Node-RED processes, with deploys in between: what memory is left when all have their end? */
import { setTimeout as pause } from 'node:timers/promises';
import { makeMeshKey } from '../../src/security/mesh-key.js';
import { SeededRandom } from '../simulation/seeded-random.js';
import { freePort } from '../support/free-port.js';
import { judge } from './judge.js';
import { GrowingLedgers, kindOf } from './ledger.js';
import { changed, consumerNodes, producerNodes, storeNodes } from './storm-flows.js';
import { DEPLOY_TYPES, StormNodeRed, untilListening, type Memory } from './storm-node-red.js';

export interface SoakOptions {
  readonly seed: string;
  readonly messages: number;
  readonly perSecond: number;
  /** Memory is looked at so often. */
  readonly looks: number;
  readonly progress: (text: string) => void;
}

export interface SoakResult {
  readonly accepted: number;
  /** How the heap of each process grows after the warm-up, MB for 100,000 messages. */
  readonly slopes: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly wrong: readonly string[];
}

/** More than that is a leak, MB for 100,000 messages. */
export const MOST_MB = 1;
const PER_MESSAGES = 100_000;
/** Of the looks, the first part is warm-up: code is compiled, and memories that are bounded fill up. */
const WARM_UP_PART = 0.3;
/** V8 goes on compiling what deploys run until about the twentieth: that grows by deploys, not by messages. */
const WARM_UP_DEPLOYS = 20;
const BYTES_PER_MB = 1_048_576;
const MS_PER_SECOND = 1_000;
const MESSAGE_CHARS = 1_000;
const MOST_OPEN = 1_000;
/** All of a batch must have an end in this time after it was sent, ms: leases (10 s) included. */
const DRAIN_WITHIN_MS = 60_000;
/** What of send-only messages a deploy has brought nobody shows nowhere: no longer is waited for it, ms. */
const SEND_ONLY_WITHIN_MS = 3_000;
const LOOK_EVERY_MS = 100;

interface Side {
  readonly red: StormNodeRed;
  readonly port: number;
  flow: Parameters<StormNodeRed['deploy']>[0];
  readonly looks: number[];
}

/** North ← South: the consumer at North, the producers at South; one deploy of each in every batch. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { seed, messages, perSecond, looks, progress } = options;
  const random = new SeededRandom(seed);
  const sides = await twoSides();
  const [north, south] = sides;
  const ledgers = new GrowingLedgers(sides.map(({ red }) => red.ledger));
  const wrong: string[] = [];
  let accepted = 0;
  const startedAt = performance.now();
  try {
    for (const { red, flow, port } of sides) {
      await red.start();
      await red.deploy(flow, 'full');
      await untilListening(port);
    }
    for (let deploy = 1; deploy <= WARM_UP_DEPLOYS; deploy += 1) {
      for (const side of sides) await deployOnce(side, random);
    }
    for (let look = 1; look <= looks; look += 1) {
      const count = Math.round((messages * look) / looks);
      south.red.feed({ count, perSecond, bytes: MESSAGE_CHARS, most: MOST_OPEN });
      const third = (messages / looks / perSecond / 3) * MS_PER_SECOND;
      for (const side of [north, south]) {
        await pause(third);
        await deployOnce(side, random);
      }
      wrong.push(...(await drained(ledgers, () => south.red.tried === count)));
      const verdict = judge(ledgers.entries);
      wrong.push(...verdict.wrong);
      accepted += verdict.accepted;
      // All of them have their end: their stories are told, and would fill this process.
      ledgers.entries.length = 0;
      const memories = await Promise.all(sides.map((side) => lookAt(side)));
      progress(
        `${count}: ${memories.map(({ heapUsed, rss }) => `${mb(heapUsed)} MB heap, ${mb(rss)} MB`).join('; ')}`,
      );
    }
    return {
      accepted,
      slopes: Object.fromEntries(
        sides.map(({ red, looks: seen }) => [red.name, slopeOf(seen, messages / looks)]),
      ),
      seconds: (performance.now() - startedAt) / MS_PER_SECOND,
      wrong,
    };
  } finally {
    await Promise.all(sides.map(({ red }) => red.dispose()));
  }
}

async function twoSides(): Promise<readonly [Side, Side]> {
  const [northPort, southPort] = [await freePort(), await freePort()];
  const meshKey = makeMeshKey();
  const side = (name: string, port: number, norths: number[], nodes: Side['flow']): Side => ({
    red: new StormNodeRed(name),
    port,
    flow: [...storeNodes({ name, port, norths, meshKey }), ...nodes],
    looks: [],
  });
  return [
    side('North', northPort, [], consumerNodes('North', 0)),
    side('South', southPort, [northPort], producerNodes('South')),
  ];
}

async function deployOnce(side: Side, random: SeededRandom): Promise<void> {
  side.flow = changed([...side.flow], 'store', { maxMessages: random.whole(100_000, 500_000) });
  await side.red.deploy(side.flow, random.pick(DEPLOY_TYPES));
  await untilListening(side.port);
}

async function drained(ledgers: GrowingLedgers, allSent: () => boolean): Promise<readonly string[]> {
  while (!allSent()) {
    await pause(LOOK_EVERY_MS);
    ledgers.read();
  }
  const left = (): number[] => [...ledgers.read().open].filter((number) => kindOf(number) !== 'sendOnly');
  const until = performance.now() + DRAIN_WITHIN_MS;
  while (left().length > 0 && performance.now() < until) await pause(LOOK_EVERY_MS);
  const enough = performance.now() + SEND_ONLY_WITHIN_MS;
  while (ledgers.read().open.size > 0 && performance.now() < enough) await pause(LOOK_EVERY_MS);
  const lost = left().map((number) => `${number} has no end`);
  ledgers.open.clear();
  return lost;
}

async function lookAt({ red, looks }: Side): Promise<Memory> {
  const memory = await red.memory();
  looks.push(memory.heapUsed);
  return memory;
}

/** The straight line that fits the looks after the warm-up best, MB for 100,000 messages. */
export function slopeOf(looks: readonly number[], messagesPerLook: number): number {
  const seen = looks.slice(Math.floor(looks.length * WARM_UP_PART));
  const middle = (seen.length - 1) / 2;
  const mean = seen.reduce((sum, bytes) => sum + bytes, 0) / seen.length;
  const over = seen.reduce((sum, bytes, at) => sum + (at - middle) * (bytes - mean), 0);
  const under = seen.reduce((sum, _bytes, at) => sum + (at - middle) ** 2, 0);
  return (over / under / BYTES_PER_MB / messagesPerLook) * PER_MESSAGES;
}

function mb(bytes: number): string {
  return (bytes / BYTES_PER_MB).toFixed(1);
}
