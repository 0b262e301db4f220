/** Closed loops, in turns: each round measures every system once, so that what else the machine does meets all of them alike. */
import type { LoopResult, System } from './systems.js';

/** Messages under way at a time. */
export const IN_FLIGHT = [1, 16, 64] as const;

/** Before the first round that counts, ms of loop for each: V8 compiles what is used often. */
const WARM_UP_MS = 1_500;

export interface Round extends LoopResult {
  /** Processor time of all processes of the system for each message, ms. */
  readonly cpuMs: number;
}

export interface Measured {
  readonly name: string;
  /** By messages in flight. */
  readonly rounds: ReadonlyMap<number, readonly Round[]>;
  /** Of all its processes together, bytes; NaN where it has none of its own. */
  readonly peakBytes: number;
}

export async function measure(
  systems: readonly System[],
  { rounds, ms }: { rounds: number; ms: number },
): Promise<readonly Measured[]> {
  const all = new Map(systems.map((system) => [system, new Map<number, Round[]>()]));
  for (const system of systems) await system.loop(Math.max(...IN_FLIGHT), WARM_UP_MS);
  for (let round = 1; round <= rounds; round += 1) {
    for (const inFlight of IN_FLIGHT) {
      for (const [system, byInFlight] of all) {
        const done = byInFlight.get(inFlight) ?? [];
        byInFlight.set(inFlight, [...done, await oneRound(system, inFlight, ms)]);
      }
    }
    console.log(`round ${round} of ${rounds}`);
  }
  return [...all].map(([system, byInFlight]) => ({
    name: system.name,
    rounds: byInFlight,
    peakBytes:
      system.instances.length === 0
        ? NaN
        : system.instances.reduce((sum, instance) => sum + instance.peakMemory(), 0),
  }));
}

async function oneRound(system: System, inFlight: number, ms: number): Promise<Round> {
  const cpu = (): number => system.instances.reduce((sum, instance) => sum + instance.cpuMs(), 0);
  const before = cpu();
  const result = await system.loop(inFlight, ms);
  const messages = (result.perSecond * ms) / 1_000;
  return { ...result, cpuMs: (cpu() - before) / messages };
}
