/** `kill -9` at random over a producer's, a transit's and a consumer's process, under steady load. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SeededRandom } from '../simulation/seeded-random.js';
import { freePort } from '../support/free-port.js';
import { judge, refusedOf, tooManyInVain, type Verdict } from './judge.js';
import { StormProcess } from './storm-process.js';

export interface KillStormOptions {
  readonly seed: string;
  readonly messages: number;
  readonly kills: number;
  readonly perSecond: number;
  /** Told how far it is. */
  readonly progress?: (text: string) => void;
}

export interface KillStormResult extends Verdict {
  /** Kills by process. */
  readonly kills: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** From the last kill until every message had its end, s. */
  readonly drainSeconds: number;
}

const SERVICE = 'storm';
const MESSAGE_CHARS = 1_000;
const MS_PER_SECOND = 1_000;
/** Pauses between kills: this part of their mean at least, and so much more at most. */
const SHORTEST_PAUSE = 0.2;
const LONGEST_PAUSE = 1.8;
/** After the last kill everything must have an end in this time, ms: leases (10 s) and announcements included. */
const DRAIN_WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 100;

/** S1 → S10 ← S2: the producer at S1, the consumer at S2, and no way but through S10. */
export async function killStorm(options: KillStormOptions): Promise<KillStormResult> {
  const folder = mkdtempSync(join(tmpdir(), 'redlink-storm-'));
  const processes = await threeProcesses(folder, options);
  const startedAt = performance.now();
  try {
    await Promise.all(processes.map((process) => process.start()));
    await killAtRandom(processes, options);
    const lastKillAt = performance.now();
    await drained(processes, options.messages);
    const verdict = judge(processes.flatMap((process) => process.ledger()));
    return {
      ...verdict,
      kills: Object.fromEntries(processes.map(({ name, kills }) => [name, kills])),
      seconds: (performance.now() - startedAt) / MS_PER_SECOND,
      drainSeconds: (performance.now() - lastKillAt) / MS_PER_SECOND,
      wrong: [
        ...verdict.wrong,
        ...tooManyInVain(verdict, options.kills),
        ...refusedOf(verdict),
        ...processes.flatMap(({ troubles }) => troubles),
      ],
    };
  } finally {
    await Promise.all(processes.map((process) => process.kill()));
    rmSync(folder, { recursive: true, force: true });
  }
}

async function threeProcesses(
  folder: string,
  { messages, perSecond }: KillStormOptions,
): Promise<readonly StormProcess[]> {
  const [p1, p10, p2] = [await freePort(), await freePort(), await freePort()];
  const store = (name: string, port: number, ...norths: number[]): Record<string, unknown> => ({
    name,
    meshName: 'storm',
    listenAddress: '127.0.0.1',
    listenPort: String(port),
    headers: norths.map((north) => ({ ip: '127.0.0.1', port: String(north), redistribute: 'false' })),
  });
  const common = { bytes: MESSAGE_CHARS };
  const sends = { service: SERVICE, count: messages, perSecond };
  return [
    new StormProcess('producer', {
      ...common,
      folder: join(folder, 'S1'),
      properties: store('S1', p1, p10),
      sends,
    }),
    new StormProcess('transit', { ...common, folder: join(folder, 'S10'), properties: store('S10', p10) }),
    new StormProcess('consumer', {
      ...common,
      folder: join(folder, 'S2'),
      properties: store('S2', p2, p10),
      offers: SERVICE,
    }),
  ];
}

/** Kills are spread over the time that sending takes; whoever is killed is started again at once. */
async function killAtRandom(
  processes: readonly StormProcess[],
  { seed, messages, kills, perSecond, progress }: KillStormOptions,
): Promise<void> {
  const random = new SeededRandom(seed);
  const meanMs = ((messages / perSecond) * MS_PER_SECOND) / kills;
  const restarts = new Map<StormProcess, Promise<void>>();
  for (let kill = 1; kill <= kills; kill += 1) {
    await pause(meanMs * random.between(SHORTEST_PAUSE, LONGEST_PAUSE));
    const victim = random.pick(processes);
    // One that is not up yet is killed in the midst of its start.
    const starting = restarts.get(victim);
    if (starting !== undefined && random.chance(50)) await starting;
    await victim.kill();
    restarts.set(victim, victim.start());
    if (kill % 10 === 0) progress?.(`${kill} kills, ${processes[0]?.sent ?? 0} messages sent`);
  }
  await Promise.all(restarts.values());
}

async function drained(processes: readonly StormProcess[], messages: number): Promise<void> {
  const [producer] = processes;
  let until = Infinity;
  for (;;) {
    if (producer?.sent === messages) {
      if (until === Infinity) until = performance.now() + DRAIN_WITHIN_MS;
      if (producer.left === 0) break;
      if (performance.now() > until) throw new Error(`${producer.left ?? '?'} messages have no end`);
    }
    await pause(LOOK_EVERY_MS);
  }
  // The last outputs are noted by now; what an ending lease would still bring is not waited for in vain.
  await pause(LOOK_EVERY_MS);
}
