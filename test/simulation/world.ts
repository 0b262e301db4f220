import { ByteNetwork } from './byte-network.js';
import { FaultyNetwork } from './faulty-network.js';
import { inconsistency } from './index-check.js';
import type { MeshView, StoreView } from './invariants.js';
import { Ledger } from './ledger.js';
import type { SimulatedNetwork } from './network.js';
import { addressOf, makeStore, type Running } from './running-store.js';
import type { Sabotage } from './sabotage.js';
import {
  isFair,
  type Action,
  type Index,
  type PayloadKind,
  type ProducerPlan,
  type Scenario,
} from './scenario.js';
import { SeededRandom } from './seeded-random.js';
import { Trace } from './trace.js';
import { Traffic } from './traffic.js';
import { VirtualClock } from './virtual-clock.js';

/** A store has closed within this time (DESIGN.md, "Transport"). */
const CLOSED_WITHIN_MS = 1_000;

/** The mesh of a scenario: real stores on a virtual clock and network, flows at both ends, and a book on all messages. */
export class World {
  readonly clock = new VirtualClock();
  readonly trace = new Trace(() => this.clock.now());
  readonly ledger = new Ledger();
  readonly #traffic: Traffic;
  readonly #network: SimulatedNetwork;
  readonly #running = new Map<Index, Running>();
  readonly #detached = new Set<Index>();
  readonly #timersAtFirst = new Map<Index, number>();
  /** Payloads are compared with what JSON does not say; between stores that speak version 3 that is lost. */
  readonly #exact: boolean;
  #starts = 0;

  constructor(
    readonly scenario: Scenario,
    private readonly sabotage: Sabotage = {},
  ) {
    const random = new SeededRandom(scenario.seed).fork('world');
    const Network = scenario.inBytes ? ByteNetwork : FaultyNetwork;
    this.#network = new Network(this.clock, random.fork('network'), this.trace);
    this.#network.onTakenOff = (id) => {
      this.ledger.takenOff(id);
    };
    // A store reads straight from one that it has no link with as from a 3.0.5 one: it knows nothing of it.
    const strangersMeet = scenario.inBytes && scenario.producers.some((producer) => !producer.reversePath);
    this.#exact = !strangersMeet && scenario.stores.every((store) => store.modern);
    const { clock, trace, ledger } = this;
    this.#traffic = new Traffic({ clock, random, trace, ledger, sabotage, exact: this.#exact });
  }

  get requests(): number {
    return this.#network.calls;
  }

  get lastDeadlineMs(): number {
    const deadlines = [...this.ledger.entries.values()].map((entry) => entry.deadlineAtMs);
    return Math.max(0, ...deadlines.filter(Number.isFinite));
  }

  /** Timers of stores that have closed: none should be left. */
  get waitingTimers(): number {
    return [...this.#running.values()].reduce((sum, running) => sum + running.clock.pending, 0);
  }

  /** Opens all stores and attaches all flows. */
  async start(): Promise<void> {
    for (const index of this.scenario.stores.keys()) await this.#open(index);
  }

  async perform(action: Action): Promise<void> {
    switch (action.kind) {
      case 'send':
        await this.#send(this.#producer(action.producer), action.payload);
        break;
      case 'attach':
      case 'detach':
        this.#toggleConsumer(action.consumer, action.kind === 'attach');
        break;
      case 'close':
        await this.#close(action.store, action.killed);
        break;
      case 'open':
        await this.#open(action.store);
        break;
      case 'weather':
        this.#network.weather = action.weather;
        break;
      case 'separate':
        this.#network.separate(addressOf(action.stores[0]), addressOf(action.stores[1]));
        break;
      case 'heal':
        this.#network.heal();
        break;
    }
    this.trace.note('world', JSON.stringify(action));
    await this.clock.settle();
    this.clock.onStep();
  }

  /** What waits in a mesh at rest is no leak. */
  takeBaseline(): void {
    for (const [index, { clock }] of this.#running) this.#timersAtFirst.set(index, clock.pending);
  }

  /** Sends one message for each of the services of each store; gives the ids. */
  async sendProbes(lifetimeMs: number, services: readonly (readonly string[])[]): Promise<readonly string[]> {
    const ids: string[] = [];
    for (const [store, wanted] of services.entries()) {
      for (const service of wanted) {
        const id = await this.#send(probeOf(store, service, lifetimeMs), 'object');
        if (id !== undefined) ids.push(id);
      }
    }
    return ids;
  }

  knownConsumers(store: Index): ReadonlySet<string> {
    const rows = this.#running.get(store)?.store.engine.routes.rows() ?? [];
    return new Set(rows.map((row) => row.consumerId));
  }

  view(): MeshView {
    const running = [...this.#running.entries()];
    return {
      nowMs: this.clock.now(),
      fair: isFair(this.scenario),
      ledger: this.ledger,
      stores: running.map(([index, store]) => this.#viewOf(index, store)),
      consumers: running.flatMap(([, { consumers }]) => [...consumers.values()]),
    };
  }

  /** Closes all stores in order, as at the end of a Node-RED. */
  async closeAll(): Promise<void> {
    const closing = [...this.#running].map(([index, { store }]) => {
      this.ledger.excuse(index);
      return store.close();
    });
    await this.clock.advance(CLOSED_WITHIN_MS);
    await Promise.all(closing);
  }

  /** Lets go of everything, whatever state it is in. */
  async abandon(): Promise<void> {
    this.clock.onStep = () => undefined;
    for (const [index, { store, clock }] of this.#running) {
      this.#network.kill(addressOf(index));
      clock.stop();
      store.engine.close();
    }
  }

  // --- stores -----------------------------------------------------------------------------------

  async #open(index: Index): Promise<void> {
    const plan = this.scenario.stores[index];
    if (plan === undefined || this.#running.has(index)) return;
    this.#starts += 1;
    const clock = this.clock.forStore(plan.wallOffsetMs);
    const running = makeStore(plan, index, this.#starts, clock, this.#network, this.sabotage);
    this.#running.set(index, running);
    for (const [number, consumer] of this.scenario.consumers.entries()) {
      if (consumer.store === index && !this.#detached.has(number)) this.#traffic.attach(running, consumer);
    }
    await running.store.open();
  }

  async #close(index: Index, killed: boolean): Promise<void> {
    const running = this.#running.get(index);
    if (running === undefined) return;
    this.#running.delete(index);
    this.ledger.excuse(index);
    if (killed) {
      this.#network.kill(addressOf(index));
    } else {
      const closed = running.store.close();
      await this.clock.advance(CLOSED_WITHIN_MS);
      await closed;
    }
    running.clock.stop();
    if (killed) running.store.engine.close();
  }

  // --- flows ------------------------------------------------------------------------------------

  /** Sends a message; undefined where its store is away. */
  async #send(plan: ProducerPlan, kind: PayloadKind): Promise<string | undefined> {
    const running = this.#running.get(plan.store);
    return running === undefined ? undefined : this.#traffic.send(running, plan, kind);
  }

  #toggleConsumer(number: Index, attach: boolean): void {
    const plan = this.scenario.consumers[number];
    const running = plan === undefined ? undefined : this.#running.get(plan.store);
    if (attach) this.#detached.delete(number);
    else this.#detached.add(number);
    if (plan === undefined || running === undefined) return;
    const present = running.consumers.get(plan.id);
    if (attach && present === undefined) this.#traffic.attach(running, plan);
    if (attach || present === undefined) return;
    present.consumer.detach();
    running.consumers.delete(plan.id);
  }

  #producer(number: Index): ProducerPlan {
    const plan = this.scenario.producers[number];
    if (plan === undefined) throw new Error(`the scenario has no producer ${number}`);
    return plan;
  }

  #viewOf(index: Index, { store, clock, payloads }: Running): StoreView {
    const { engine } = store;
    return {
      name: store.name,
      knowsDeadlines: this.#exact,
      messages: () => engine.messages.rows(),
      notifies: () => engine.notifies.rows(),
      replies: () => engine.replies.rows(),
      inconsistency: () => inconsistency(engine),
      payloads: payloads.size,
      timers: clock.pending,
      timersAtFirst: this.#timersAtFirst.get(index) ?? Infinity,
    };
  }
}

/** A producer for a probe: patient, and with an answer to wait for. */
function probeOf(store: Index, service: string, lifetimeMs: number): ProducerPlan {
  return {
    id: `probe-s${store}-${service}`,
    store,
    service,
    lifetimeMs,
    sendOnly: false,
    priority: 0,
    notifyIntervalMs: 1_000,
    reversePath: true,
    redeliver: false,
    maxDeliver: 1,
    manualRead: false,
    rate: undefined,
  };
}
