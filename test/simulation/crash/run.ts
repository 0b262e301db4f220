import { AFTER_EACH_STEP, type CrashRule, IN_THE_END } from './rules.js';
import { type CrashPlan, HEALED_MS, planCrashes } from './plan.js';
import type { Point } from './points.js';
import type { CrashSabotage } from './sabotage.js';
import { CrashWorld } from './world.js';

/** From the end of all faults until every deadline, lease, kept reply and end that is told late is over, ms. */
const DRAIN_MS = 160_000;
/** A store has closed within this time, ms. */
const CLOSED_WITHIN_MS = 1_000;
/** Events shown with a violation. */
const SHOWN_EVENTS = 80;

/** What a run came to. */
export interface CrashReport {
  readonly plan: CrashPlan;
  /** The rule that was broken, what broke it, and what had happened before. */
  readonly violation:
    | {
        readonly rule: string;
        readonly says: string;
        readonly what: string;
        readonly atMs: number;
        readonly events: readonly string[];
      }
    | undefined;
  /** The same for the same seed and the same code. */
  readonly digest: string;
  readonly accepted: number;
  /** Points at which a process died. */
  readonly diedAt: readonly Point[];
}

class Broken extends Error {
  constructor(
    readonly rule: Pick<CrashRule, 'name' | 'says'>,
    what: string,
  ) {
    super(what);
  }
}

/** Runs the plan of a seed to its end, or to the first broken rule. */
export async function runCrashSeed(seed: string, sabotage: CrashSabotage = {}): Promise<CrashReport> {
  const plan = planCrashes(seed);
  const world = new CrashWorld(plan, sabotage);
  // What nobody awaits and fails would end the process of a real store.
  const rejected: unknown[] = [];
  const noteRejection = (reason: unknown): void => void rejected.push(reason);
  process.on('unhandledRejection', noteRejection);
  let violation: CrashReport['violation'];
  try {
    world.clock.onStep = () => {
      if (rejected.length > 0) throw rejected[0];
      check(AFTER_EACH_STEP, world);
    };
    await play(world);
  } catch (error) {
    const broken = error instanceof Broken ? error : undefined;
    violation = {
      rule: broken?.rule.name ?? 'no crash',
      says: broken?.rule.says ?? 'Nothing throws into a timer, and nothing fails unheard.',
      what: broken?.message ?? (error instanceof Error ? (error.stack ?? error.message) : String(error)),
      atMs: world.clock.now(),
      events: world.trace.last(SHOWN_EVENTS),
    };
  } finally {
    world.abandon();
    process.off('unhandledRejection', noteRejection);
  }
  const accepted = [...world.flows.stories.values()].filter(({ acceptedAtMs }) => acceptedAtMs !== undefined);
  return { plan, violation, digest: world.trace.digest(), accepted: accepted.length, diedAt: world.diedAt };
}

async function play(world: CrashWorld): Promise<void> {
  await world.start();
  for (const { atMs, producer, large } of world.plan.sends) {
    await world.clock.advance(atMs - world.clock.now());
    world.send(producer, large);
    await world.clock.settle();
    world.clock.onStep();
  }
  await world.clock.advance(HEALED_MS + DRAIN_MS - world.clock.now());
  check(IN_THE_END, world);
  const timers = await world.closeAll(CLOSED_WITHIN_MS);
  if (timers > 0)
    throw new Broken(
      { name: 'nothing left', says: 'A closed store leaves no timers.' },
      `${timers} timers wait`,
    );
}

function check(rules: readonly CrashRule[], world: CrashWorld): void {
  for (const rule of rules) {
    const what = rule.violation(world);
    if (what !== undefined) throw new Broken(rule, what);
  }
}

/** Command that runs one seed again. */
export function crashReplay(seed: string): string {
  return `npm run simulate:crash -- --seeds 1 --seed ${seed}`;
}

/** Everything that a person needs to understand a failed run; empty for a good one. */
export function describeCrash({ violation, plan }: CrashReport): string {
  if (violation === undefined) return '';
  return [
    `seed ${plan.seed}: "${violation.rule}" does not hold at ${violation.atMs.toFixed(1)} ms`,
    `  rule:  ${violation.says}`,
    `  found: ${violation.what}`,
    ...plan.deaths.map((death) => `  death: ${JSON.stringify(death)}`),
    ...plan.disks.map((disk, index) => `  disk of s${index}: ${JSON.stringify(disk)}`),
    ...plan.consumers.map((consumer) => `  consumer: ${JSON.stringify(consumer)}`),
    '  last events:',
    ...violation.events.map((line) => `    ${line}`),
    `  again: ${crashReplay(plan.seed)}`,
  ].join('\n');
}
