/** Stores of the real core on a virtual clock and network, driven by hand: for rules about time and faults. */
import { Consumer } from '../../src/consumer/consumer.js';
import type { ConsumerFailure, ReceivedMessage } from '../../src/consumer/events.js';
import type { ConsumerOptions } from '../../src/consumer/options.js';
import { NoJournal } from '../../src/journal/none.js';
import type { Journal } from '../../src/journal/port.js';
import { MemoryPayloads } from '../../src/payload/memory.js';
import { type FailedSend, Producer, type ReceivedReply } from '../../src/producer/producer.js';
import type { ProducerOptions } from '../../src/producer/options.js';
import type { StoreOptions } from '../../src/store/options.js';
import { Store } from '../../src/store/store.js';
import { UNOBSERVED } from '../../src/store/store-observer.js';
import type { Clock } from '../../src/support/clock.js';
import { countingIds } from '../../src/support/ids.js';
import { type Log, SILENT_LOG } from '../../src/support/log.js';
import { FaultyNetwork } from '../simulation/faulty-network.js';
import { SeededRandom } from '../simulation/seeded-random.js';
import { Trace } from '../simulation/trace.js';
import { type StoreClock, VirtualClock } from '../simulation/virtual-clock.js';

const PORT = '2000';
const ROOMY = { maxMessages: 100_000, maxBytes: 1_000_000_000 };

/** What is around a store. */
export interface CoreSurroundings {
  readonly journal: (clock: Clock) => Journal;
  readonly payloads: MemoryPayloads;
  /** How far the time of day of its machine is off, ms. */
  readonly wallOffsetMs: number;
  /** False: it speaks like a 3.0.5 store. */
  readonly modern: boolean;
  readonly log: Log;
}

/** Everything that came out of one consumer, oldest first. */
export interface CoreConsumer {
  readonly consumer: Consumer;
  readonly received: ReceivedMessage[];
  readonly failures: ConsumerFailure[];
}

/** Everything that came out of one producer, oldest first. */
export interface CoreProducer {
  readonly producer: Producer;
  readonly replies: ReceivedReply[];
  readonly failures: FailedSend[];
  /** @returns the id of the message */
  send(message?: object, preserved?: unknown): string;
}

/** A store and what was attached to it. */
export class CoreStore {
  constructor(
    readonly store: Store,
    readonly clock: StoreClock,
    readonly payloads: MemoryPayloads,
    private readonly mesh: CoreMesh,
  ) {}

  /** @param replies whether its flow answers each message; a number: so many ms later */
  consumer(options: Partial<ConsumerOptions> = {}, replies: boolean | number = true): CoreConsumer {
    const received: ReceivedMessage[] = [];
    const failures: ConsumerFailure[] = [];
    const consumer: Consumer = new Consumer(
      {
        id: 'consumer',
        service: 'svc',
        inTransitLimit: 10,
        manualRead: false,
        reNotifyMs: 1_000,
        rate: undefined,
        ...options,
      },
      this.clock,
      {
        notified: () => undefined,
        received: (message) => {
          received.push(message);
          const answer = (): void => void consumer.reply(message.meta.messageId, 'done', undefined);
          if (typeof replies === 'number') this.clock.after(replies, answer);
          else if (replies) answer();
        },
        failed: (failure) => {
          failures.push(failure);
        },
        changed: () => undefined,
      },
    );
    consumer.attach(this.store);
    return { consumer, received, failures };
  }

  /** @param heard called with whatever its flow is given: a reply or a failure */
  producer(options: Partial<ProducerOptions> = {}, heard: () => void = () => undefined): CoreProducer {
    const replies: ReceivedReply[] = [];
    const failures: FailedSend[] = [];
    const service = options.service ?? 'svc';
    const producer = new Producer(
      {
        id: `producer of ${service}`,
        service,
        lifetimeMs: 60_000,
        notifyIntervalMs: 15_000,
        priority: 0,
        reversePath: true,
        sendOnly: false,
        manualRead: false,
        rate: undefined,
        redeliver: false,
        maxDeliver: 1,
        ...options,
      },
      this.clock,
      {
        received: (reply) => {
          replies.push(reply);
          heard();
        },
        failed: (failure) => {
          failures.push(failure);
          heard();
        },
        repliesWaiting: () => undefined,
        changed: () => undefined,
        trouble: (error) => {
          throw error;
        },
      },
    );
    producer.attach(this.store);
    const send = (message: object = { payload: 'work' }, preserved?: unknown): string => {
      const messageId = this.mesh.nextId();
      void producer.send({
        messageId,
        message,
        preserved,
        hasPreserved: preserved !== undefined,
        service,
        reversePath: options.reversePath ?? true,
        correlationId: '',
      });
      return messageId;
    };
    return { producer, replies, failures, send };
  }
}

/** More than a message leaves. */
const SHOWN_LINES = 100;

/** A mesh of such stores. A store is named by its host. */
export class CoreMesh {
  readonly clock = new VirtualClock();
  readonly network: FaultyNetwork;
  private readonly trace: Trace;
  private readonly stores: CoreStore[] = [];
  private ids = 0;

  constructor(seed = 'core mesh') {
    this.trace = new Trace(() => this.clock.now());
    this.network = new FaultyNetwork(this.clock, new SeededRandom(seed), this.trace);
  }

  nextId(): string {
    this.ids += 1;
    return `m${this.ids}`;
  }

  /** What the network has lately carried of a message, in order. */
  said(messageId: string): readonly string[] {
    return this.trace.last(SHOWN_LINES, messageId);
  }

  address(host: string): { host: string; port: string } {
    return { host, port: PORT };
  }

  /** Opens a store; `norths` are hosts. */
  async store(
    host: string,
    norths: readonly string[] = [],
    options: Partial<StoreOptions> = {},
    {
      journal = () => new NoJournal(),
      payloads = new MemoryPayloads(),
      wallOffsetMs = 0,
      modern = true,
      log = SILENT_LOG,
    }: Partial<CoreSurroundings> = {},
  ): Promise<CoreStore> {
    const clock = this.clock.forStore(wallOffsetMs);
    const address = this.address(host);
    const connection = this.network.join(address, { modern, payloads });
    const store = new Store(
      {
        name: `mesh0:${host}`,
        address,
        southInsert: true,
        balance: false,
        northPeers: norths.map((north) => ({ address: this.address(north), redistribute: false })),
        allowedSources: ['10.0.0.0/8'],
        largeMessageThreshold: 25_000,
        ...ROOMY,
        ...options,
      },
      {
        clock,
        ids: countingIds(`${host} ${this.stores.length}`),
        log,
        payloads,
        journal: journal(clock),
        peers: connection.peers,
        resolver: { resolve: async (name) => [name] },
        listen: (answerer) => connection.listen(answerer),
      },
      UNOBSERVED,
    );
    const made = new CoreStore(store, clock, payloads, this);
    this.stores.push(made);
    await store.restore();
    await store.open();
    await this.clock.advance(100);
    return made;
  }

  /** Ends a store as the death of its process does. */
  kill(one: CoreStore, host: string): void {
    this.network.kill(this.address(host));
    one.clock.stop();
    this.stores.splice(this.stores.indexOf(one), 1);
  }

  /** Stops the process of a store, as SIGSTOP does: its connections stay open. */
  freeze(one: CoreStore, host: string): void {
    this.network.freeze(this.address(host));
    one.clock.pause();
  }

  /** Lets it go on, as SIGCONT does. */
  thaw(one: CoreStore, host: string): void {
    this.network.thaw(this.address(host));
    one.clock.resume();
  }

  async close(): Promise<void> {
    const closing = this.stores.map(({ store }) => store.close());
    await this.clock.advance(1_000);
    await Promise.all(closing);
  }
}
