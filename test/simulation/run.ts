import { AT_EACH_STEP, AT_REST, type Invariant } from './invariants.js';
import { FIRST_MESSAGE_MS, generateScenario } from './generate-scenario.js';
import { reachableServices, visibleStores } from './reachability.js';
import type { Scenario } from './scenario.js';
import type { Sabotage } from './sabotage.js';
import { World } from './world.js';

/**
 * Time that a mesh has, once faults are over, to find itself again, ms: what was learned of a store
 * that vanished lives for 120 s, and goes at the next 30 s sweep.
 */
const RECOVERY_MS = 155_000;
/** Within this time a message to a reachable consumer that answers must be answered in fair weather, ms. */
const PROBE_LIFETIME_MS = 40_000;
/** Leases, late repetitions and resyncs are over this long after the last deadline, ms. */
const DRAIN_MS = 60_000;
/** Events shown with a violation. */
const SHOWN_EVENTS = 60;

/** A rule that a run broke. */
export interface Violation {
  readonly invariant: string;
  readonly says: string;
  readonly what: string;
  readonly atMs: number;
  /** The last events before it. */
  readonly events: readonly string[];
}

/** What a run came to. */
export interface RunReport {
  readonly scenario: Scenario;
  readonly violation: Violation | undefined;
  /** Hash over all events: the same for the same seed and the same code. */
  readonly digest: string;
  readonly events: number;
  readonly requests: number;
  readonly messages: number;
  readonly deliveries: number;
  readonly virtualMs: number;
}

export interface RunOptions {
  /** Breaks something on purpose, to see whether it is noticed. */
  readonly sabotage?: Sabotage;
  /** In place of the scenario of the seed. */
  readonly scenario?: Scenario;
}

/** Thrown by a run when a rule is broken. */
class Broken extends Error {
  constructor(
    readonly invariant: string,
    readonly says: string,
    readonly what: string,
  ) {
    super(what);
  }
}

/** Runs the scenario of a seed to its end, or to the first broken rule. */
export async function runSeed(seed: string, options: RunOptions = {}): Promise<RunReport> {
  const scenario = options.scenario ?? generateScenario(seed);
  const world = new World(scenario, options.sabotage);
  // What nobody awaits and fails would end the process of a real store.
  const rejected: unknown[] = [];
  const noteRejection = (reason: unknown): void => void rejected.push(reason);
  process.on('unhandledRejection', noteRejection);
  let violation: Violation | undefined;
  try {
    world.clock.onStep = () => {
      if (rejected.length > 0)
        throw new Broken('no crash', 'No request ends the process.', inspectError(rejected[0]));
      check(AT_EACH_STEP, world);
    };
    await play(world);
    await rest(world);
  } catch (error) {
    violation = {
      ...(error instanceof Broken
        ? { invariant: error.invariant, says: error.says, what: error.what }
        : { invariant: 'no crash', says: 'Nothing throws into a timer.', what: inspectError(error) }),
      atMs: world.clock.now(),
      events: world.trace.last(SHOWN_EVENTS),
    };
  } finally {
    await world.abandon();
    process.off('unhandledRejection', noteRejection);
  }
  return {
    scenario,
    violation,
    digest: world.trace.digest(),
    events: world.trace.count,
    requests: world.requests,
    messages: world.ledger.entries.size,
    deliveries: [...world.ledger.entries.values()].reduce((sum, entry) => sum + entry.deliveries.length, 0),
    virtualMs: world.clock.now(),
  };
}

/** The scenario itself: everything that is done to the mesh, up to the end of the faults. */
async function play(world: World): Promise<void> {
  const { actions } = world.scenario;
  await world.start();
  let baselineTaken = false;
  for (const action of actions) {
    if (!baselineTaken && action.atMs >= FIRST_MESSAGE_MS) {
      await world.clock.advance(FIRST_MESSAGE_MS - 1 - world.clock.now());
      world.takeBaseline();
      baselineTaken = true;
    }
    await world.clock.advance(action.atMs - world.clock.now());
    await world.perform(action);
  }
}

/** What must be true once the faults are over. */
async function rest(world: World): Promise<void> {
  await world.clock.advance(RECOVERY_MS);
  checkRoutes(world);
  await probe(world);
  await world.clock.advance(Math.max(0, world.lastDeadlineMs - world.clock.now()) + DRAIN_MS);
  check(AT_REST, world);
  await world.closeAll();
  if (world.waitingTimers > 0) {
    throw new Broken(
      'nothing left over',
      'A closed store leaves no timers.',
      `${world.waitingTimers} timers wait`,
    );
  }
}

/** Sends one message from every store to every service that it can reach and that answers: each is answered. */
async function probe(world: World): Promise<void> {
  const ids = await world.sendProbes(
    PROBE_LIFETIME_MS,
    reachableServices(world.scenario.stores, world.scenario.consumers),
  );
  await world.clock.advance(PROBE_LIFETIME_MS);
  for (const id of ids) {
    const outcome = world.ledger.entries.get(id)?.outcomes[0];
    if (outcome !== undefined && outcome.kind !== 'failure') continue;
    throw new Broken(
      'progress',
      'Once faults stop, every message with a live consumer ends in its reply.',
      `probe ${id} ended in ${outcome?.content ?? 'nothing'}`,
    );
  }
}

/** Each store knows exactly the consumers that the relaying rule lets it know. */
function checkRoutes(world: World): void {
  const visible = visibleStores(world.scenario.stores);
  for (const [index, stores] of visible.entries()) {
    const expected = world.scenario.consumers
      .filter((consumer) => stores.has(consumer.store))
      .map((consumer) => consumer.id)
      .sort();
    const known = [...world.knownConsumers(index)].sort();
    if (expected.join() === known.join()) continue;
    throw new Broken(
      'who sees what',
      'Once faults stop, each store knows the consumers that the relaying rule lets it know, and no others.',
      `${world.scenario.stores[index]?.name ?? ''} knows ${known.join(' ')}, should know ${expected.join(' ')}`,
    );
  }
}

function check(invariants: readonly Invariant[], world: World): void {
  const view = world.view();
  for (const invariant of invariants) {
    const what = invariant.violation(view);
    if (what !== undefined) throw new Broken(invariant.name, invariant.says, what);
  }
}

function inspectError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
