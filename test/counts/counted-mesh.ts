/** Stores of the real core on a virtual clock, which send real bytes, and whose ports are counted. */
import { Consumer } from '../../src/consumer/consumer.js';
import { MemoryDisk, MemoryJournal } from '../../src/journal/memory.js';
import type { JournalWrite } from '../../src/journal/port.js';
import { MemoryPayloads } from '../../src/payload/memory.js';
import { payloadSpool } from '../../src/payload/spool.js';
import { Producer } from '../../src/producer/producer.js';
import { Store } from '../../src/store/store.js';
import { UNOBSERVED } from '../../src/store/store-observer.js';
import { countingIds } from '../../src/support/ids.js';
import { SILENT_LOG } from '../../src/support/log.js';
import { MemoryNetwork } from '../../src/transport/memory.js';
import type { Transport } from '../../src/transport/port.js';
import { WirePeers } from '../../src/transport/wire-peers.js';
import { serveVerbs } from '../../src/transport/wire-server.js';
import { VirtualClock, type StoreClock } from '../simulation/virtual-clock.js';
import { countGlobals, emptyTally, perMessage, type Tally } from './tally.js';

const PORT = '2000';
const SERVICE = 'svc';
const ROOMY = { maxMessages: 100_000, maxBytes: 1_000_000_000 };
/** From a store to its neighbour, ms: about what loopback takes with TLS. */
const WAY_MS = 0.5;
/** An access of the journal to the disk, ms. */
const COMMIT_MS = 0.1;
/** Until routes are known, with room to spare. */
const SETTLE_MS = 2_000;
/** By then all messages are through, unless one hangs: virtual time costs nothing. */
const THROUGH_WITHIN_MS = 60_000;
const STEP_MS = 10;
const PAYLOAD = 'x'.repeat(1_024);

/** Messages of a measurement: so many that those at its ends do not count. */
export const MESSAGES = 320;
/** Before them: connections, first announcements. */
const WARM_UP = 32;

/** Who takes part: where messages are sent, where they are answered, and who has whom as north. */
export interface Situation {
  readonly name: string;
  readonly inFlight: number;
  /** Norths by store. The first store sends, the last one answers. */
  readonly stores: Readonly<Record<string, readonly string[]>>;
  readonly sendOnly: boolean;
  /** What is sent, and sent back; 1 kB of text where left out. */
  readonly payload?: unknown;
}

/** A disk that counts how often it is accessed. */
class CountedDisk extends MemoryDisk {
  constructor(private readonly tally: Tally) {
    super();
  }

  override apply(writes: readonly JournalWrite[]): void {
    this.tally.accesses += 1;
    this.tally.records += writes.length;
    super.apply(writes);
  }
}

/** Sends {@link MESSAGES} in a closed loop. @returns what happened for each of them */
export async function countPerMessage(situation: Situation): Promise<Tally> {
  const tally = emptyTally();
  const restore = countGlobals(tally);
  const mesh = new CountedMesh(situation, tally);
  try {
    await mesh.open();
    await mesh.carry(WARM_UP);
    Object.assign(tally, emptyTally());
    await mesh.carry(MESSAGES);
    return perMessage(tally, MESSAGES);
  } finally {
    restore();
    await mesh.close();
  }
}

class CountedMesh {
  private readonly clock = new VirtualClock();
  private readonly network = new MemoryNetwork(this.clock, {
    fate: () => ({ requestDelayMs: WAY_MS, answerDelayMs: WAY_MS }),
  });
  private readonly stores: { readonly store: Store; readonly clock: StoreClock }[] = [];
  private producer: Producer | undefined;
  private sent = 0;
  private toSend = 0;
  private done = 0;

  constructor(
    private readonly situation: Situation,
    private readonly tally: Tally,
  ) {}

  async open(): Promise<void> {
    for (const [host, norths] of Object.entries(this.situation.stores)) await this.add(host, norths);
    const [asks, answers] = [this.stores[0], this.stores.at(-1)];
    if (asks === undefined || answers === undefined) throw new Error('a situation has a store at least');
    this.attachConsumer(answers.store, answers.clock);
    this.producer = this.attachProducer(asks.store, asks.clock);
    await this.clock.advance(SETTLE_MS);
  }

  /** Carries so many messages, some of them at a time, and waits until the last one has left nothing to do. */
  async carry(messages: number): Promise<void> {
    this.done = 0;
    this.toSend = messages;
    for (let started = 0; started < this.situation.inFlight; started += 1) this.sendNext();
    const until = this.clock.now() + THROUGH_WITHIN_MS;
    while (this.done < messages && this.clock.now() < until) await this.clock.advance(STEP_MS);
    await this.clock.advance(STEP_MS);
    if (this.done !== messages) throw new Error(`${this.done} of ${messages} messages came through`);
  }

  async close(): Promise<void> {
    const closing = this.stores.map(({ store }) => store.close());
    await this.clock.advance(SETTLE_MS);
    await Promise.all(closing);
  }

  private one(): void {
    this.done += 1;
    this.sendNext();
  }

  private sendNext(): void {
    if (this.toSend === 0) return;
    this.toSend -= 1;
    this.sent += 1;
    void this.producer?.send({
      messageId: `message-${this.sent}`,
      message: { payload: this.situation.payload ?? PAYLOAD },
      preserved: undefined,
      hasPreserved: false,
      service: SERVICE,
      reversePath: true,
      correlationId: '',
    });
  }

  private async add(host: string, norths: readonly string[]): Promise<void> {
    const clock = this.counted(this.clock.forStore(0));
    const address = { host, port: PORT };
    const payloads = new MemoryPayloads();
    const transport = this.countedPosts(this.network.transport(host, host));
    const peers = new WirePeers(transport, clock);
    const store = new Store(
      {
        name: `mesh0:${host}`,
        address,
        southInsert: true,
        balance: false,
        northPeers: norths.map((north) => ({ address: { host: north, port: PORT }, redistribute: true })),
        allowedSources: ['10.0.0.0/8'],
        largeMessageThreshold: 25_000,
        ...ROOMY,
      },
      {
        clock,
        ids: countingIds(host),
        log: SILENT_LOG,
        payloads,
        journal: new MemoryJournal({
          disk: new CountedDisk(this.tally),
          clock: this.clock,
          commitMs: COMMIT_MS,
        }),
        peers,
        resolver: { resolve: async (name) => [name] },
        listen: async (answerer) =>
          transport.listen(
            { address },
            serveVerbs(answerer, {
              ...payloadSpool(payloads, ROOMY.maxBytes),
              learn: (from, capabilities) => {
                peers.learn(from, capabilities);
              },
              clock,
              log: SILENT_LOG,
            }),
          ),
      },
      UNOBSERVED,
    );
    this.stores.push({ store, clock });
    await Promise.all([store.restore(), this.clock.advance(SETTLE_MS)]);
    await Promise.all([store.open(), this.clock.advance(SETTLE_MS)]);
  }

  private attachConsumer(store: Store, clock: StoreClock): void {
    const { sendOnly } = this.situation;
    const consumer: Consumer = new Consumer(
      {
        id: 'consumer',
        service: SERVICE,
        inTransitLimit: 128,
        manualRead: false,
        reNotifyMs: 1_000,
        rate: undefined,
      },
      clock,
      {
        notified: () => undefined,
        received: ({ meta, message }) => {
          if (sendOnly) this.one();
          else void consumer.reply(meta.messageId, message, undefined);
        },
        failed: ({ text }) => {
          throw new Error(`a reply failed: ${text}`);
        },
        changed: () => undefined,
      },
    );
    consumer.attach(store);
  }

  private attachProducer(store: Store, clock: StoreClock): Producer {
    const producer = new Producer(
      {
        id: 'producer',
        service: SERVICE,
        lifetimeMs: THROUGH_WITHIN_MS,
        notifyIntervalMs: 15_000,
        priority: 0,
        reversePath: true,
        sendOnly: this.situation.sendOnly,
        manualRead: false,
        rate: undefined,
        redeliver: true,
        maxDeliver: 5,
      },
      clock,
      {
        received: () => {
          this.one();
        },
        failed: ({ code }) => {
          throw new Error(`a message failed: ${code}`);
        },
        repliesWaiting: () => undefined,
        changed: () => undefined,
        trouble: (error) => {
          throw error;
        },
      },
    );
    producer.attach(store);
    return producer;
  }

  private counted(clock: StoreClock): StoreClock {
    const { tally } = this;
    return {
      now: () => clock.now(),
      wall: () => clock.wall(),
      after: (delayMs, fire) => {
        tally.timers += 1;
        return clock.after(delayMs, fire);
      },
      soon: (fire) => {
        clock.soon(fire);
      },
      get pending() {
        return clock.pending;
      },
      stop: () => {
        clock.stop();
      },
      pause: () => {
        clock.pause();
      },
      resume: () => {
        clock.resume();
      },
    };
  }

  private countedPosts(transport: Transport): Transport {
    const { tally } = this;
    return {
      listen: (options, serve) => transport.listen(options, serve),
      post: (to, request, limits) => {
        tally.posts += 1;
        return transport.post(to, request, limits);
      },
      close: () => transport.close(),
    };
  }
}
