import { SeededRandom } from '../seeded-random.js';
import { checkAtRest, type Faults } from './mesh-check.js';
import { MeshWorld, type Offered } from './mesh-world.js';
import { RouteWatch } from './route-watch.js';
import { makeTopology, type Link, type TopologyName } from './topology.js';

/** How far apart two looks for rest are, ms. */
const LOOK_EVERY_MS = 20;
/** Longest that any change may keep a mesh busy, ms: far more than is good. */
const BUSY_AT_MOST_MS = 20_000;
/** Of a hundred links so many are cut. */
const CUT_PERCENT = 5;
/** How long a mesh at rest is watched for words that nobody needs, ms: less than the 30 s of the renewal. */
const WATCHED_MS = 5_000;
/** Renewal of WIRE 3, ms. */
const RENEWAL_MS = 30_000;
/** A store looks for a lost north once a second: only then can a healed link be found. */
const FOUND_WITHIN_MS = 1_000;

export interface MeshPlan {
  readonly topology: TopologyName;
  readonly stores: number;
  readonly services: number;
  readonly seed: string;
}

/** One change and what it took until every store knew all about it. */
export interface Change {
  readonly name: string;
  /** From the change, or its discovery, to the last moment at which a store chose another way, ms of simulated time. */
  readonly convergedMs: number;
  /** The same to the last word about it, ms: ways that nobody prefers are told, too. */
  readonly lastWordMs: number;
  /** Whether it came to rest at all. */
  readonly isQuiet: boolean;
  readonly messages: number;
  /** Services that it was about. */
  readonly about: number;
  /** Best routes that led round in a circle for a while; offers, which say where they have been, leave it. */
  readonly circles: number;
  /** Offers that came back to a store, at any step. */
  readonly loops: readonly string[];
  readonly faults: Faults;
}

/** What a run has shown. */
export interface MeshReport {
  readonly plan: MeshPlan;
  readonly links: number;
  readonly changes: readonly Change[];
  /** Messages in {@link WATCHED_MS} of rest. */
  readonly atRest: number;
  /** Messages of one renewal, announcements included. */
  readonly renewal: number;
  readonly routesPerStore: number;
  readonly bytesPerStore: number;
  readonly wallS: number;
}

/**
 * Runs a mesh through its life: start, a service more, one less, cut links, healed links, rest, renewal.
 * @param onChange told of each change as soon as it is over
 */
export async function runMesh(
  plan: MeshPlan,
  startedAt: () => number,
  onChange: (change: Change) => void = () => undefined,
): Promise<MeshReport> {
  const begun = startedAt();
  const random = new SeededRandom(`${plan.topology} ${plan.seed}`);
  const topology = makeTopology(plan.topology, plan.stores, random.fork('topology'));
  const heapBefore = process.memoryUsage().heapUsed;
  const run = new Run(new MeshWorld(topology), random.fork('changes'), onChange);
  const changes = await run.changes(plan.services);
  const atRest = await run.messagesIn(WATCHED_MS);
  const { world } = run;
  await world.clock.advance(RENEWAL_MS - (world.clock.now() % RENEWAL_MS) - 1);
  const renewal = await run.messagesIn(WATCHED_MS);
  let routes = 0;
  for (let index = 0; index < plan.stores; index += 1) routes += world.store(index).engine.routes.size;
  const bytes = process.memoryUsage().heapUsed - heapBefore;
  await world.close();
  return {
    plan,
    links: topology.links.length,
    changes,
    atRest,
    renewal,
    routesPerStore: routes / plan.stores,
    bytesPerStore: bytes / plan.stores,
    wallS: (startedAt() - begun) / 1_000,
  };
}

class Run {
  private readonly offered: Offered[] = [];
  private readonly watch: RouteWatch;
  private lastWordAt = 0;

  constructor(
    readonly world: MeshWorld,
    private readonly random: SeededRandom,
    private readonly onChange: (change: Change) => void,
  ) {
    this.watch = new RouteWatch(world);
    world.network.onAnswered = (_to, verb) => {
      if (verb.verb === 'advertise' || verb.verb === 'announce') this.lastWordAt = world.clock.now();
    };
  }

  async changes(services: number): Promise<readonly Change[]> {
    const { world, random } = this;
    const somewhere = (): number => random.whole(0, world.topology.stores - 1);
    for (let count = 0; count < services; count += 1)
      this.offered.push(world.offer(`svc${count}`, somewhere()));
    const cut = world.wires().filter(() => random.chance(CUT_PERCENT));
    return [
      await this.change('start', services, () => world.open()),
      await this.change('one service more', 1, () => {
        this.offered.push(world.offer('added', somewhere()));
      }),
      await this.change('one service less', 1, () => {
        this.offered.shift()?.consumer.detach();
      }),
      await this.change(`${cut.length} links cut`, services, () => {
        this.cut(cut);
      }),
      await this.change(
        `${cut.length} links healed`,
        services,
        () => {
          for (const link of cut.flat()) world.alive.add(link);
        },
        FOUND_WITHIN_MS,
      ),
    ];
  }

  async messagesIn(ms: number): Promise<number> {
    const before = this.world.network.total;
    await this.world.clock.advance(ms);
    return this.world.network.total - before;
  }

  private cut(wires: readonly (readonly Link[])[]): void {
    for (const link of wires.flat()) this.world.alive.delete(link);
    for (const [link] of wires) if (link !== undefined) this.world.useLink(link);
  }

  /**
   * @param about services that it is about
   * @param foundWithinMs how long it may take until the first store notices, ms: does not count as converging
   */
  private async change(
    name: string,
    about: number,
    make: () => void | Promise<void>,
    foundWithinMs = 0,
  ): Promise<Change> {
    const { world } = this;
    const begun = world.clock.now();
    const messages = world.network.total;
    this.watch.begin();
    this.lastWordAt = begun;
    await make();
    await world.clock.advance(Math.max(foundWithinMs, LOOK_EVERY_MS));
    while (!world.network.idle && world.clock.now() - begun < BUSY_AT_MOST_MS) {
      await world.clock.advance(LOOK_EVERY_MS);
      this.watch.lookAtAll();
    }
    const since = (moment: number): number => Math.max(0, moment - begun - foundWithinMs);
    const change: Change = {
      name,
      convergedMs: since(this.watch.choseAt),
      lastWordMs: since(this.lastWordAt),
      isQuiet: world.network.idle,
      messages: world.network.total - messages,
      about,
      circles: this.watch.circles,
      loops: [...this.watch.loops],
      faults: checkAtRest(world, this.offered),
    };
    this.onChange(change);
    return change;
  }
}
