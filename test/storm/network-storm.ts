/** A network that fails and heals, again and again, between the processes of a small mesh under steady load. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { SeededRandom } from '../simulation/seeded-random.js';
import { freePort } from '../support/free-port.js';
import { FaultLink } from './fault-link.js';
import { FaultProxy } from './fault-proxy.js';
import { judge, refusedOf, type Verdict } from './judge.js';
import { GrowingLedgers } from './ledger.js';
import { drawFault, drawWays, type Way } from './network-faults.js';
import { OWN_ADDRESS_VARIABLE } from './own-address.js';
import { StormProcess } from './storm-process.js';
import { untilMoved } from './until-moved.js';

export interface NetworkStormOptions {
  readonly seed: string;
  /** Times that the network fails and heals. */
  readonly partitions: number;
  readonly perSecond: number;
  /** Longest time that it stays as it is, ms. */
  readonly longestMs: number;
  /** Told how far it is. */
  readonly progress?: (text: string) => void;
}

export interface NetworkStormResult extends Verdict {
  /** Ways that were spoilt, by the kind of fault. */
  readonly faults: Readonly<Record<string, number>>;
  /** Connections that they broke. */
  readonly broken: number;
  readonly seconds: number;
  /** The longest time from a healing until all that was accepted before had its end, ms. */
  readonly slowestMs: number;
}

const SERVICE = 'storm';
const MESSAGE_CHARS = 1_000;
const MS_PER_SECOND = 1_000;
/** More than any storm sends: it is told when it is enough. */
const COUNT = 1_000_000_000;
/** Shortest time that the network stays as it is, ms: less than it takes a store to notice. */
const SHORTEST_MS = 100;
/** Of hundred times, so many are of any length up to the longest; the others are mostly short. */
const LONG_PERCENT = 40;
/** The network changes so often before it heals. */
const MOST_CHANGES = 3;
const LOOK_EVERY_MS = 100;
/** Between two partitions all is well for so long at most, ms. */
const LONGEST_REST_MS = 1_500;
/** A flow takes up to so long to answer, ms: some messages are in it at every fault. */
const THINK_MS = 500;

const LIVE_AT_OWN_ADDRESS = pathToFileURL(join(import.meta.dirname, 'live-at-own-address.ts')).href;

/** The stores, each at its address: two ways lead from the producers to the consumer. */
const NORTHS: Readonly<Record<string, readonly string[]>> = {
  S1: ['S10', 'S11'],
  S10: [],
  S11: [],
  S2: ['S10', 'S11'],
};
const NAMES = Object.keys(NORTHS);
const WAYS: readonly Way[] = NAMES.flatMap((south) =>
  (NORTHS[south] ?? []).flatMap((north) => [
    { from: south, to: north },
    { from: north, to: south },
  ]),
);

const keyOf = ({ from, to }: Way): string => `${from} to ${to}`;
const addressOf = (name: string): string => `127.0.0.${11 + NAMES.indexOf(name)}`;

/** S1 → S10, S11 ← S2: the producers at S1, the consumer at S2, and a proxy with faults before each. */
export async function networkStorm(options: NetworkStormOptions): Promise<NetworkStormResult> {
  const folder = mkdtempSync(join(tmpdir(), 'redlink-storm-'));
  const random = new SeededRandom(options.seed);
  const links = new Map(WAYS.map((way) => [keyOf(way), new FaultLink(random.fork(keyOf(way)))]));
  const { processes, proxies } = await mesh(folder, options, links);
  const ledgers = new GrowingLedgers(processes.map(({ ledgerFile }) => ledgerFile));
  const startedAt = performance.now();
  try {
    await Promise.all(proxies.map((proxy) => proxy.start()));
    await Promise.all(processes.map((process) => process.start()));
    const failing = await failAndHeal(links, ledgers, random, options);
    for (const process of processes) process.enough();
    // What was sent while the last check ran.
    await pause(LOOK_EVERY_MS);
    const last = await untilMoved(ledgers);
    const verdict = judge(ledgers.entries);
    const { faults } = failing;
    return {
      ...verdict,
      faults,
      slowestMs: Math.max(failing.slowestMs, last.ms),
      broken: [...links.values()].reduce((sum, { broken }) => sum + broken, 0),
      seconds: (performance.now() - startedAt) / MS_PER_SECOND,
      wrong: [
        ...verdict.wrong,
        ...failing.stuck,
        ...last.stuck,
        ...refusedOf(verdict),
        ...processes.flatMap(({ troubles }) => troubles),
      ],
    };
  } finally {
    await Promise.all(processes.map((process) => process.kill()));
    await Promise.all(proxies.map((proxy) => proxy.close()));
    rmSync(folder, { recursive: true, force: true });
  }
}

async function mesh(
  folder: string,
  { perSecond }: NetworkStormOptions,
  links: ReadonlyMap<string, FaultLink>,
): Promise<{ processes: StormProcess[]; proxies: FaultProxy[] }> {
  const ports = new Map<string, number>();
  for (const name of NAMES) ports.set(name, await freePort());
  const portOf = (name: string): number => ports.get(name) ?? NaN;
  const processes = NAMES.map((name) => {
    const properties = {
      name,
      meshName: 'storm',
      listenAddress: '127.0.0.1',
      listenPort: String(portOf(name)),
      headers: (NORTHS[name] ?? []).map((north) => ({
        ip: '127.0.0.1',
        port: String(portOf(north)),
        redistribute: 'false',
      })),
    };
    const task = {
      folder: join(folder, name),
      bytes: MESSAGE_CHARS,
      properties,
      ...(name === 'S1' ? { sends: { service: SERVICE, count: COUNT, perSecond } } : {}),
      ...(name === 'S2' ? { offers: SERVICE, thinkMs: THINK_MS } : {}),
    };
    return new StormProcess(name, task, {
      preload: [LIVE_AT_OWN_ADDRESS],
      env: { [OWN_ADDRESS_VARIABLE]: addressOf(name) },
    });
  });
  const nameAt = (address: string): string => NAMES.find((name) => addressOf(name) === address) ?? '';
  const proxies = NAMES.map(
    (to) =>
      new FaultProxy({ host: addressOf(to), port: portOf(to) }, (address) =>
        links.get(keyOf({ from: nameAt(address), to })),
      ),
  );
  return { processes, proxies };
}

/** @returns what was spoilt how often, the slowest recovery, and what had not recovered in time */
async function failAndHeal(
  links: ReadonlyMap<string, FaultLink>,
  ledgers: GrowingLedgers,
  random: SeededRandom,
  { partitions, longestMs, progress }: NetworkStormOptions,
): Promise<Pick<NetworkStormResult, 'faults' | 'slowestMs'> & { readonly stuck: readonly string[] }> {
  const faults: Record<string, number> = {};
  const stuck: string[] = [];
  let slowestMs = 0;
  const lasting = (): number =>
    random.chance(LONG_PERCENT)
      ? random.between(SHORTEST_MS, longestMs)
      : // Of every length as many: that many times as long, by the power of a fraction.
        SHORTEST_MS * (longestMs / SHORTEST_MS) ** random.fraction();
  for (let partition = 1; partition <= partitions; partition += 1) {
    await pause(random.between(0, LONGEST_REST_MS));
    const told: string[] = [];
    for (let changes = random.whole(1, MOST_CHANGES); changes > 0; changes -= 1) {
      for (const link of links.values()) link.heal();
      const fault = drawFault(random);
      // One cause mostly does the same to all ways.
      const alike = random.chance(50);
      for (const way of drawWays(WAYS, random)) {
        const one = alike ? fault : drawFault(random);
        links.get(keyOf(way))?.begin(one);
        faults[one.kind] = (faults[one.kind] ?? 0) + 1;
        told.push(`${keyOf(way)} ${one.kind}`);
      }
      const lastsMs = lasting();
      told.push(`for ${Math.round(lastsMs)} ms;`);
      await pause(lastsMs);
    }
    for (const link of links.values()) link.heal();
    const healedAt = new Date().toISOString();
    const moved = await untilMoved(ledgers);
    slowestMs = Math.max(slowestMs, moved.ms);
    stuck.push(...moved.stuck.map((line) => `partition ${partition}: ${line}`));
    progress?.(
      `${partition}: ${told.join(' ')} healed ${healedAt}, all moved after ${Math.round(moved.ms)} ms; last: ${moved.last}`,
    );
  }
  return { faults, slowestMs, stuck };
}
