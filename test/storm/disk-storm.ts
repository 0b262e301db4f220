/** What a machine can do to a store, again and again, under steady load: no room, no file handles, no rights, a wrong clock. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { SeededRandom } from '../simulation/seeded-random.js';
import { freePort } from '../support/free-port.js';
import { WALL_OFFSET_VARIABLE } from '../support/wall-offset.js';
import { judge, tooManyInVain, type Verdict } from './judge.js';
import { GrowingLedgers, type Kind } from './ledger.js';
import { SmallDisk } from './small-disk.js';
import { NotOpen, StormProcess } from './storm-process.js';
import { untilMoved } from './until-moved.js';

export interface DiskStormOptions {
  readonly seed: string;
  /** How often something is the matter. */
  readonly troubles: number;
  readonly perSecond: number;
  /** Told how far it is. */
  readonly progress?: (text: string) => void;
}

export interface DiskStormResult extends Verdict {
  /** How often what was the matter. */
  readonly troubles: Readonly<Record<string, number>>;
  /** Messages that were refused, and stores that did not open, by the code that they said. */
  readonly codes: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** The longest time from the end of a trouble until all that was accepted before had its end, ms. */
  readonly slowestMs: number;
}

const SERVICE = 'storm';
const MESSAGE_CHARS = 1_000;
/** Over the threshold for a file of its own (25,000). */
const LARGE_CHARS = 40_000;
const MS_PER_SECOND = 1_000;
const DAY_MS = 86_400_000;
/** Clocks jump by two days at most: nothing fails by itself. */
const LIFETIME_MS = 30 * DAY_MS;
/** More than any storm sends: it is told when it is enough. */
const COUNT = 1_000_000_000;
const DISK_BYTES = 64 * 1_048_576;
/** Enough for a store with its connections, soon taken. */
const HANDLES = 256;
/** How long something is the matter, ms: the disk is tried again every second. */
const SHORTEST_MS = 200;
const LONGEST_MS = 4_000;
const LOOK_EVERY_MS = 100;
/** After the last trouble the queues are empty within this time, ms: as soon as all have their end. */
const EMPTY_WITHIN_MS = 20_000;

/** Some troubles kill a process: what of these was read just then is nobody's. */
const MAY_BE_IN_VAIN: readonly Kind[] = ['sendOnly'];

/** Confirmations that travel together, at most, at this pace: one kill may meet all of them. */
const IN_VAIN_PER_KILL = 5;

/** What a store may say of a disk that it cannot use. */
const DISK_CODES = new Set(['JOURNAL_IO', 'PAYLOAD_IO']);

const TROUBLES = ['full', 'noHandles', 'clock', 'fullAtStart', 'readOnlyAtStart', 'clockAtStart'] as const;
type Trouble = (typeof TROUBLES)[number];

const WRONG_CLOCK = pathToFileURL(join(import.meta.dirname, '..', 'support', 'wrong-clock.ts')).href;

/** A store, its process and the disk that it has for itself. */
interface Side {
  readonly process: StormProcess;
  readonly disk: SmallDisk;
  /** Of its clock on the wall, ms. */
  offsetMs: number;
}

/** S1 → S2: the producers at S1, the consumer at S2. */
export async function diskStorm(options: DiskStormOptions): Promise<DiskStormResult> {
  const folder = mkdtempSync(join(tmpdir(), 'redlink-storm-'));
  const sides = await twoSides(folder, options);
  const processes = sides.map(({ process }) => process);
  const ledgers = new GrowingLedgers(processes.map(({ ledgerFile }) => ledgerFile));
  const startedAt = performance.now();
  try {
    for (const side of sides) await start(side);
    const { troubles, notOpen, slowestMs, stuck } = await makeTroubles(sides, ledgers, options);
    for (const process of processes) process.enough();
    await pause(LOOK_EVERY_MS);
    const last = await untilMoved(ledgers, MAY_BE_IN_VAIN);
    const left = await untilEmpty(sides);
    const verdict = judge(ledgers.read().entries);
    const kills = processes.reduce((sum, { kills: some }) => sum + some, 0);
    const codes = counted([
      ...notOpen,
      ...ledgers.entries.flatMap((entry) => (entry.saw === 'refused' ? [entry.code] : [])),
    ]);
    return {
      ...verdict,
      troubles,
      codes,
      slowestMs: Math.max(slowestMs, last.ms),
      seconds: (performance.now() - startedAt) / MS_PER_SECOND,
      wrong: [
        ...verdict.wrong,
        ...stuck,
        ...last.stuck,
        ...left,
        ...tooManyInVain(verdict, kills, IN_VAIN_PER_KILL),
        ...Object.keys(codes)
          .filter((code) => !DISK_CODES.has(code))
          .map((code) => `a store said ${code}`),
        ...processes.flatMap(({ troubles: said }) => said.filter((text) => text.includes('without a code'))),
      ],
    };
  } finally {
    await Promise.all(processes.map((process) => process.kill()));
    for (const { disk } of sides) disk.unmount();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function twoSides(folder: string, { perSecond }: DiskStormOptions): Promise<readonly Side[]> {
  const [p1, p2] = [await freePort(), await freePort()];
  const side = (name: string, port: number, norths: readonly number[], what: object): Side => {
    const disk = new SmallDisk(join(folder, `disk ${name}`), DISK_BYTES);
    const properties = {
      name,
      meshName: 'storm',
      listenAddress: '127.0.0.1',
      listenPort: String(port),
      headers: norths.map((north) => ({ ip: '127.0.0.1', port: String(north), redistribute: 'false' })),
    };
    const task = {
      folder: join(folder, name),
      storeFolder: disk.folder,
      properties,
      bytes: MESSAGE_CHARS,
      largeBytes: LARGE_CHARS,
      lifetimeMs: LIFETIME_MS,
      ...what,
    };
    const machine = { preload: [WRONG_CLOCK], handles: HANDLES };
    return { process: new StormProcess(name, task, machine), disk, offsetMs: 0 };
  };
  return [
    side('S1', p1, [p2], { sends: { service: SERVICE, count: COUNT, perSecond } }),
    side('S2', p2, [], { offers: SERVICE }),
  ];
}

function start({ process, offsetMs }: Side): Promise<void> {
  return process.start({ [WALL_OFFSET_VARIABLE]: String(offsetMs) });
}

/** @returns the codes of stores that did not open, the slowest recovery, and what had not recovered in time */
async function makeTroubles(
  sides: readonly Side[],
  ledgers: GrowingLedgers,
  { seed, troubles, progress }: DiskStormOptions,
): Promise<
  Pick<DiskStormResult, 'troubles' | 'slowestMs'> & {
    readonly notOpen: readonly string[];
    readonly stuck: readonly string[];
  }
> {
  const random = new SeededRandom(seed);
  const notOpen: string[] = [];
  const stuck: string[] = [];
  const made: string[] = [];
  let slowestMs = 0;
  for (let number = 1; number <= troubles; number += 1) {
    await pause(random.between(SHORTEST_MS, MS_PER_SECOND));
    const side = random.pick(sides);
    // Each of them has its turn, however few there are.
    const trouble = TROUBLES[(number - 1) % TROUBLES.length] ?? 'full';
    const codes = await make(trouble, side, random);
    notOpen.push(...codes);
    made.push(trouble);
    const moved = await untilMoved(ledgers, MAY_BE_IN_VAIN);
    slowestMs = Math.max(slowestMs, moved.ms);
    stuck.push(...moved.stuck.map((line) => `${number}, ${trouble}: ${line}`));
    progress?.(
      `${number}: ${side.process.name}, ${trouble} ${codes.join()}; all moved after ${Math.round(moved.ms)} ms`,
    );
  }
  return { troubles: counted(made), notOpen, slowestMs, stuck };
}

/** Makes a trouble and ends it. @returns the code of the store that did not open meanwhile */
async function make(trouble: Trouble, side: Side, random: SeededRandom): Promise<readonly string[]> {
  const { process, disk } = side;
  const lasting = (): Promise<void> => pause(random.between(SHORTEST_MS, LONGEST_MS));
  switch (trouble) {
    case 'full':
      disk.fill();
      await lasting();
      disk.makeRoom();
      return [];
    case 'noHandles':
      await takeHandles(process);
      await lasting();
      process.order({ order: 'giveHandles' });
      return [];
    case 'clock':
      side.offsetMs = random.pick([-DAY_MS, 0, DAY_MS]);
      process.order({ order: 'setClock', offsetMs: side.offsetMs });
      await lasting();
      return [];
    case 'clockAtStart':
      await process.kill();
      side.offsetMs = random.pick([-DAY_MS, 0, DAY_MS]);
      await start(side);
      return [];
    case 'fullAtStart':
      await process.kill();
      return startInVain(side, [
        () => {
          disk.fill();
        },
        () => {
          disk.makeRoom();
        },
      ]);
    case 'readOnlyAtStart':
      await process.kill();
      return startInVain(side, [
        () => {
          disk.protect();
        },
        () => {
          disk.unprotect();
        },
      ]);
  }
}

async function takeHandles(process: StormProcess): Promise<void> {
  process.handlesTaken = 0;
  process.order({ order: 'takeHandles' });
  while (process.handlesTaken === 0) await pause(LOOK_EVERY_MS);
}

/** Starts a store on a disk that it cannot use, then on one that it can. @returns the code that it said, or `none` */
async function startInVain(
  side: Side,
  [spoil, mend]: readonly [spoil: () => void, mend: () => void],
): Promise<readonly string[]> {
  spoil();
  try {
    await start(side);
    return ['opened all the same'];
  } catch (thrown) {
    if (!(thrown instanceof NotOpen)) throw thrown;
    return [thrown.code ?? thrown.message];
  } finally {
    mend();
    await side.process.kill();
    await start(side);
  }
}

/** Waits until no producer has a message in its store. @returns what is wrong where one still has */
async function untilEmpty(sides: readonly Side[]): Promise<readonly string[]> {
  const until = performance.now() + EMPTY_WITHIN_MS;
  const left = (): number => sides.reduce((sum, { process }) => sum + (process.left ?? 0), 0);
  while (left() > 0 && performance.now() < until) await pause(LOOK_EVERY_MS);
  return left() === 0 ? [] : [`${left()} messages are left over`];
}

function counted(texts: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1;
  return counts;
}
