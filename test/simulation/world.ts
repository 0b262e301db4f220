import { SILENT_LOG } from '../../src/support/log.js';
import { countingIds } from '../../src/support/ids.js';
import { MemoryPayloads } from '../../src/payload/memory.js';
import type { Consumer } from '../../src/consumer/consumer.js';
import type { Producer } from '../../src/producer/producer.js';
import { Store } from '../../src/store/store.js';
import { UNOBSERVED } from '../../src/store/store-observer.js';
import type { Address } from '../../src/protocol/address.js';
import { ByteNetwork } from './byte-network.js';
import { FaultyNetwork } from './faulty-network.js';
import { makeConsumer, makeProducer, type ProducerOutput } from './flows.js';
import { inconsistency } from './index-check.js';
import type { MeshView, StoreView } from './invariants.js';
import { Ledger } from './ledger.js';
import type { SimulatedNetwork } from './network.js';
import { fingerprint, LARGE_THRESHOLD, makePayload } from './payloads.js';
import type { Sabotage } from './sabotage.js';
import {
  isFair,
  type Action,
  type ConsumerPlan,
  type Index,
  type PayloadKind,
  type ProducerPlan,
  type Scenario,
} from './scenario.js';
import { SeededRandom } from './seeded-random.js';
import { Trace } from './trace.js';
import { type StoreClock, VirtualClock } from './virtual-clock.js';

const PORT = '2000';
/** More than any scenario sends: being full is another test's business. */
const ROOMY = { maxMessages: 10_000, maxBytes: 100_000_000 };

/** A consumer that is attached. */
interface Attached {
  readonly plan: ConsumerPlan;
  readonly attachment: number;
  readonly consumer: Consumer;
}

/** A store that is up. */
interface Running {
  readonly store: Store;
  readonly clock: StoreClock;
  readonly payloads: MemoryPayloads;
  readonly producers: Map<string, Producer>;
  readonly consumers: Map<string, Attached>;
}

/** The mesh of a scenario: real stores on a virtual clock and network, flows at both ends, and a book on all messages. */
export class World {
  readonly clock = new VirtualClock();
  readonly trace = new Trace(() => this.clock.now());
  readonly ledger = new Ledger();
  readonly #random: SeededRandom;
  readonly #network: SimulatedNetwork;
  readonly #running = new Map<Index, Running>();
  readonly #detached = new Set<Index>();
  readonly #timersAtFirst = new Map<Index, number>();
  /** Payloads are compared with what JSON does not say; between stores that speak version 3 that is lost. */
  readonly #exact: boolean;
  #attachments = 0;
  #messages = 0;
  #starts = 0;

  constructor(
    readonly scenario: Scenario,
    readonly sabotage: Sabotage = {},
  ) {
    this.#random = new SeededRandom(scenario.seed).fork('world');
    const Network = scenario.inBytes ? ByteNetwork : FaultyNetwork;
    this.#network = new Network(this.clock, this.#random.fork('network'), this.trace);
    this.#network.onTakenOff = (id) => {
      this.ledger.takenOff(id);
    };
    // A store reads straight from one that it has no link with as from a 3.0.5 one: it knows nothing of it.
    const strangersMeet = scenario.inBytes && scenario.producers.some((producer) => !producer.reversePath);
    this.#exact = !strangersMeet && scenario.stores.every((store) => store.modern);
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
        this.#network.separate(this.#address(action.stores[0]), this.#address(action.stores[1]));
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
    await this.clock.advance(1_000);
    await Promise.all(closing);
  }

  /** Lets go of everything, whatever state it is in. */
  async abandon(): Promise<void> {
    this.clock.onStep = () => undefined;
    for (const [index, { store, clock }] of this.#running) {
      this.#network.kill(this.#address(index));
      clock.stop();
      store.engine.close();
    }
  }

  // --- stores -----------------------------------------------------------------------------------

  async #open(index: Index): Promise<void> {
    const plan = this.scenario.stores[index];
    if (plan === undefined || this.#running.has(index)) return;
    const address = this.#address(index);
    const clock = this.clock.forStore(plan.wallOffsetMs);
    const payloads = new MemoryPayloads();
    const connection = this.#network.join(address, { modern: plan.modern, payloads });
    this.#starts += 1;
    const store: Store = new Store(
      {
        name: plan.name,
        address,
        southInsert: plan.southInsert,
        balance: plan.interStoreLB,
        northPeers: plan.norths.map((north) => ({
          address: this.#address(north.store),
          redistribute: north.redistribute,
        })),
        allowedSources: ['10.0.0.0/8'],
        largeMessageThreshold: LARGE_THRESHOLD,
        ...ROOMY,
      },
      {
        clock,
        ids: countingIds(`start${this.#starts}`),
        log: SILENT_LOG,
        payloads,
        peers: connection.peers,
        resolver: { resolve: async (host) => [host] },
        listen: async (answerer) => {
          return connection.listen(this.sabotage.answererOf?.(store) ?? answerer);
        },
      },
      UNOBSERVED,
    );
    const running = { store, clock, payloads, producers: new Map(), consumers: new Map() };
    this.#running.set(index, running);
    for (const [number, consumer] of this.scenario.consumers.entries()) {
      if (consumer.store === index && !this.#detached.has(number)) this.#attachConsumer(running, consumer);
    }
    await store.open();
  }

  async #close(index: Index, killed: boolean): Promise<void> {
    const running = this.#running.get(index);
    if (running === undefined) return;
    this.#running.delete(index);
    this.ledger.excuse(index);
    if (killed) {
      this.#network.kill(this.#address(index));
    } else {
      const closed = running.store.close();
      await this.clock.advance(1_000);
      await closed;
    }
    running.clock.stop();
    if (killed) running.store.engine.close();
  }

  // --- flows ------------------------------------------------------------------------------------

  #attachConsumer(running: Running, plan: ConsumerPlan): void {
    this.#attachments += 1;
    const attachment = this.#attachments;
    const limit = this.sabotage.limitOf?.(plan) ?? plan.inTransitLimit;
    const emit = (id: string, payload: unknown, isRepeat: boolean): void => {
      this.#delivered({ plan, attachment, consumer }, id, payload, isRepeat);
    };
    const consumer: Consumer = makeConsumer(
      plan,
      limit,
      running.clock,
      (id, payload, isRepeat) => {
        if (this.sabotage.delivered === undefined) emit(id, payload, isRepeat);
        else
          this.sabotage.delivered((value) => {
            emit(id, value, isRepeat);
          }, payload);
      },
      (id, code) => {
        this.trace.note(plan.id, `failure ${code} of ${id ?? 'no message'}`);
      },
    );
    running.consumers.set(plan.id, { plan, attachment, consumer });
    consumer.attach(running.store);
  }

  #toggleConsumer(number: Index, attach: boolean): void {
    const plan = this.scenario.consumers[number];
    const running = plan === undefined ? undefined : this.#running.get(plan.store);
    if (attach) this.#detached.delete(number);
    else this.#detached.add(number);
    if (plan === undefined || running === undefined) return;
    const present = running.consumers.get(plan.id);
    if (attach && present === undefined) this.#attachConsumer(running, plan);
    if (attach || present === undefined) return;
    present.consumer.detach();
    running.consumers.delete(plan.id);
  }

  /** A message came out of a consumer: its flow thinks, and answers in its manner. */
  #delivered(
    { plan, attachment, consumer }: Attached,
    id: string,
    payload: unknown,
    redelivered: boolean,
  ): void {
    const replies: string[] = [];
    this.trace.note(plan.id, `receives ${id}`);
    this.ledger.delivered(id, {
      atMs: this.clock.now(),
      consumer: plan,
      attachment,
      payload: fingerprint(payload, this.#exact),
      redelivered,
      replies,
    });
    if (plan.manner === 'neverReplies') return;
    const [shortestMs, longestMs] = plan.thinkMs;
    const answer = (): void => void this.#reply(plan, consumer, id, replies);
    this.clock.after(this.#random.between(shortestMs, longestMs), () => {
      answer();
      if (plan.manner !== 'repliesTwice') return;
      // A quick flow answers again while the first answer is still being taken over.
      if (longestMs === 0) answer();
      else this.clock.after(this.#random.between(shortestMs, longestMs), answer);
    });
  }

  async #reply(plan: ConsumerPlan, consumer: Consumer, id: string, replies: string[]): Promise<void> {
    const answer = { from: plan.id, to: id, number: replies.length };
    this.trace.note(plan.id, `replies to ${id}`);
    replies.push(fingerprint(answer, this.#exact));
    const withError = plan.manner === 'repliesWithError';
    const refused = await consumer.reply(
      id,
      withError ? 'beside the error' : answer,
      withError ? { value: answer } : undefined,
    );
    if (refused === undefined && answer.number > 0)
      this.ledger.strange.push(`${plan.id} replied to ${id} twice, and was let`);
  }

  /** Gives a message to its store; undefined where that is away. */
  async #send(plan: ProducerPlan, kind: PayloadKind): Promise<string | undefined> {
    const running = this.#running.get(plan.store);
    if (running === undefined) return undefined;
    this.#messages += 1;
    const id = `m${this.#messages}`;
    const payload = makePayload(kind, this.#messages);
    const preserved = { only: id };
    this.ledger.accepted(
      id,
      plan,
      fingerprint(payload, this.#exact),
      fingerprint(preserved, this.#exact),
      this.clock.now(),
    );
    await this.#producerOf(running, plan).send({
      messageId: id,
      message: { payload, redlinkMsgId: id },
      preserved,
      hasPreserved: true,
      service: plan.service,
      reversePath: plan.reversePath,
      correlationId: '',
    });
    this.sabotage.accepted?.(running.store, running.clock, id);
    return id;
  }

  #producerOf(running: Running, plan: ProducerPlan): Producer {
    const known = running.producers.get(plan.id);
    if (known !== undefined) return known;
    const lifetimeMs = this.sabotage.lifetimeOf?.(plan) ?? plan.lifetimeMs;
    const made = makeProducer(
      plan,
      lifetimeMs,
      running.clock,
      running.store,
      (output) => {
        this.#ended(plan, output);
      },
      (error) => {
        this.ledger.strange.push(`${plan.id} is in trouble: ${String(error)}`);
      },
    );
    running.producers.set(plan.id, made);
    return made;
  }

  #ended(plan: ProducerPlan, { messageId, kind, value, preserved, read }: ProducerOutput): void {
    const content = kind === 'failure' ? String(value) : fingerprint(value, this.#exact);
    this.trace.note(plan.id, `${kind} ${content} of ${messageId}`);
    this.ledger.ended(messageId, plan, {
      kind,
      content,
      preserved: fingerprint(preserved, this.#exact),
      read,
      atMs: this.clock.now(),
    });
  }

  #producer(number: Index): ProducerPlan {
    const plan = this.scenario.producers[number];
    if (plan === undefined) throw new Error(`the scenario has no producer ${number}`);
    return plan;
  }

  #address(index: Index): Address {
    return { host: `10.0.0.${index}`, port: PORT };
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
