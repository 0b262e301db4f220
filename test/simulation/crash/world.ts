import { MemoryJournal } from '../../../src/journal/memory.js';
import type { Producer } from '../../../src/producer/producer.js';
import { Store } from '../../../src/store/store.js';
import { UNOBSERVED } from '../../../src/store/store-observer.js';
import { countingIds } from '../../../src/support/ids.js';
import { SILENT_LOG } from '../../../src/support/log.js';
import { FaultyNetwork } from '../faulty-network.js';
import { LARGE_THRESHOLD } from '../payloads.js';
import { addressOf } from '../running-store.js';
import { CALM } from '../weather.js';
import type { Index } from '../scenario.js';
import { SeededRandom } from '../seeded-random.js';
import { Trace } from '../trace.js';
import { type StoreClock, VirtualClock } from '../virtual-clock.js';
import { CrashDisk } from './disk.js';
import { Flows } from './flows.js';
import { Life, MortalAnswerer, MortalJournal, MortalPeers } from './life.js';
import { type CrashPlan, type Death, HEALED_MS } from './plan.js';
import type { Point } from './points.js';
import type { CrashSabotage } from './sabotage.js';

const ROOMY = { maxMessages: 10_000, maxBytes: 100_000_000 };

/** A store whose process lives. */
export interface Living {
  readonly store: Store;
  readonly clock: StoreClock;
  readonly life: Life;
  readonly journal: MemoryJournal;
  readonly disk: CrashDisk;
  readonly startedAtMs: number;
  readonly producers: Map<string, Producer>;
}

/** Three stores in a row on disks that outlive their processes, which die where the plan says. */
export class CrashWorld {
  readonly clock = new VirtualClock();
  readonly trace = new Trace(() => this.clock.now());
  readonly flows: Flows;
  readonly living = new Map<Index, Living>();
  readonly disks: readonly CrashDisk[];
  /** Points at which a process has died. */
  readonly diedAt: Point[] = [];
  readonly #network: FaultyNetwork;
  readonly #stores: Store[] = [];
  readonly #waiting: { readonly death: Death; passes: number }[];

  constructor(
    readonly plan: CrashPlan,
    private readonly sabotage: CrashSabotage = {},
  ) {
    const random = new SeededRandom(plan.seed).fork('crash world');
    this.#network = new FaultyNetwork(this.clock, random.fork('network'), this.trace);
    this.flows = new Flows(this.clock, random.fork('flows'), this.trace, sabotage);
    this.#network.onTakenOff = (id) => {
      this.flows.takenOff(id);
    };
    this.disks = plan.disks.map(({ powerSafe }) => new CrashDisk(this.clock, powerSafe));
    this.#waiting = plan.deaths.map((death) => ({ death, passes: 0 }));
  }

  /** Starts all stores, and sees to it that disks fill up and everything heals in time. */
  async start(): Promise<void> {
    for (const index of this.plan.stores.keys()) await this.#open(index);
    this.#network.weather = this.plan.weather;
    for (const [index, { full }] of this.plan.disks.entries()) {
      if (full === undefined) continue;
      const [from, to] = full;
      this.clock.after(from - this.clock.now(), () => {
        this.#fill(index, true);
      });
      this.clock.after(to - this.clock.now(), () => {
        this.#fill(index, false);
      });
    }
    this.clock.after(HEALED_MS - this.clock.now(), () => {
      this.#waiting.length = 0;
      this.#network.weather = CALM;
    });
  }

  /** Sends a message of a producer, unless its process is dead. */
  send(producer: Index, large: boolean): void {
    const plan = this.plan.producers[producer];
    const living = plan === undefined ? undefined : this.living.get(plan.store);
    if (plan !== undefined && living !== undefined) void this.flows.send(living, plan, large);
  }

  /** Closes all stores in order. @returns timers that are left. */
  async closeAll(withinMs: number): Promise<number> {
    const all = [...this.living.values()];
    const closing = all.map(({ store }) => store.close());
    await this.clock.advance(withinMs);
    await Promise.all(closing);
    return all.reduce((sum, { clock }) => sum + clock.pending, 0);
  }

  /** Lets go of everything, whatever state it is in. */
  abandon(): void {
    this.clock.onStep = () => undefined;
    for (const { life, clock } of this.living.values()) {
      life.end();
      clock.stop();
    }
    for (const store of this.#stores) store.engine.close();
  }

  #fill(index: Index, full: boolean): void {
    const disk = this.disks[index];
    if (disk !== undefined) disk.full = full;
    this.trace.note('world', `disk of s${index} is ${full ? 'full' : 'well'}`);
  }

  // --- lives ------------------------------------------------------------------------------------

  async #open(index: Index): Promise<void> {
    const [plan, disk, speed] = [this.plan.stores[index], this.disks[index], this.plan.disks[index]];
    if (plan === undefined || disk === undefined || speed === undefined) return;
    const start = this.#stores.length + 1;
    const clock = this.clock.forStore(this.sabotage.wallOffsetMs?.(start) ?? plan.wallOffsetMs);
    const life = new Life((point, of) => {
      this.#reached(index, point, of);
    });
    const { commitMs, answerMs } = speed;
    const journal = new MemoryJournal({ disk, clock, commitMs, answerMs });
    const network = this.#network.join(addressOf(index), { modern: true, payloads: disk.payloads });
    const store = new Store(
      {
        name: plan.name,
        address: addressOf(index),
        southInsert: plan.southInsert,
        balance: plan.interStoreLB,
        northPeers: plan.norths.map(({ store: north, redistribute }) => ({
          address: addressOf(north),
          redistribute,
        })),
        allowedSources: ['10.0.0.0/8'],
        largeMessageThreshold: LARGE_THRESHOLD,
        ...ROOMY,
      },
      {
        clock,
        ids: countingIds(`start${start}`),
        log: SILENT_LOG,
        payloads: this.sabotage.payloads?.(disk.payloads) ?? disk.payloads,
        journal: new MortalJournal(this.sabotage.journal?.(journal) ?? journal, life),
        peers: new MortalPeers(network.peers, life),
        resolver: { resolve: async (host) => [host] },
        listen: (answerer) => network.listen(new MortalAnswerer(answerer, life)),
      },
      UNOBSERVED,
    );
    this.#stores.push(store);
    await store.restore();
    const startedAtMs = this.clock.now();
    const living: Living = { store, clock, life, journal, disk, startedAtMs, producers: new Map() };
    this.living.set(index, living);
    this.#attachAll(index, living);
    await store.open();
    this.trace.note('world', `s${index} is up`);
  }

  #attachAll(index: Index, living: Living): void {
    for (const producer of this.plan.producers) {
      if (producer.store === index) this.flows.attachProducer(living, producer);
    }
    for (const consumer of this.plan.consumers) {
      if (consumer.store === index) this.flows.attachConsumer(living, consumer);
    }
  }

  /** Whether a death waits here. One at a time: the next of this store waits for its successor. */
  #reached(index: Index, point: Point, life: Life): void {
    const waiting = this.#waiting.find(({ death }) => death.store === index && death.point === point);
    if (waiting === undefined || this.living.get(index)?.life !== life) return;
    waiting.passes += 1;
    if (waiting.passes <= waiting.death.passes) return;
    this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
    this.diedAt.push(point);
    this.#die(index, waiting.death);
  }

  #die(index: Index, { point, power, downMs }: Death): void {
    const living = this.living.get(index);
    if (living === undefined) return;
    this.trace.note('world', `s${index} dies at "${point}"${power ? ', its power fails' : ''}`);
    this.living.delete(index);
    living.life.end();
    living.clock.stop();
    living.journal.crash();
    this.#network.kill(addressOf(index));
    this.flows.died(index, this.plan, living.disk, power);
    if (power) living.disk.cutPower();
    this.clock.after(downMs, () => void this.#open(index));
  }
}
